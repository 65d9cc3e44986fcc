"""Statements that the ORM writes once and that then only run: for the few that every new comment needs.

Django copies and compiles a queryset anew for each use, which costs several times what the database does with it. Here
a statement is compiled on first use, with places for values, and only run from then on. What it says stays the ORM's:
tables, columns, quoting, conversions and dialect. The core and the verbs may call this; a statement that runs once in
a while has no business here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.models import sql
from django.db.models.constants import OnConflict
from django.db.models.signals import post_save, pre_save
from django.utils.functional import cached_property

_Model = TypeVar("_Model", bound=models.Model)
_Rows = models.QuerySet[Any, Any]


_PLAIN_TYPES = frozenset({str, int, bool, type(None)})
_PLAIN_FIELDS = frozenset(
    {
        models.BigAutoField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.TextField,
    }
)
"""Django's own fields whose preparing changes nothing in a value of these types that is fit for them."""


class Given(models.Expression):
    """A place in a statement for a value that is named when it runs. `field` says how a database takes such values."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder; the statement puts the value in."""
        return "%s", (self,)


_Make = Callable[[_Rows, Callable[[str], Given]], _Rows]


class _Compiled:
    """A statement in the dialect of one database."""

    def __init__(self, text: str, parameters: Sequence[Any], converters: dict[int, Any] | None = None) -> None:
        self._text = text
        self._parameters = tuple(parameters)
        self._converters = converters or {}

    def run(self, cursor: Any, values: dict[str, Any], connection: Any) -> None:
        """Run it with these values."""
        cursor.execute(
            self._text,
            [
                part.output_field.get_db_prep_value(values[part.name], connection) if isinstance(part, Given) else part
                for part in self._parameters
            ],
        )

    def rows(self, cursor: Any, connection: Any) -> list[Any]:
        """What it found, as Python has it."""
        rows: list[Any] = cursor.fetchall()
        return [self._converted(row, connection) for row in rows] if self._converters else rows

    def _converted(self, row: Sequence[Any], connection: Any) -> list[Any]:
        values = list(row)
        for place, (convert, expression) in self._converters.items():
            for one in convert:
                values[place] = one(values[place], expression, connection)
        return values


class _Statement(Generic[_Model]):
    def __init__(self, model: type[_Model], make: _Make) -> None:
        self._model = model
        self._make = make
        self._by_database: dict[str, _Compiled] = {}

    def _queryset(self) -> _Rows:
        # On first use: while modules are imported, models do not know each other yet.
        return self._make(self._model._default_manager.all(), self._given)

    def _given(self, name: str) -> Given:
        return Given(name, self._model._meta.get_field(name))  # type: ignore[arg-type]  # a column, not a relation


class Select(_Statement[_Model]):
    """A look-up in one table.

    Args:
        model: of the table.
        make: makes the queryset from all rows and from what gives a place for a value of a column, by its name; of
            whole instances or of `values_list`.
    """

    _columns: Sequence[str] = ()

    def rows(self, **values: Any) -> list[Any]:
        """Return the rows, as sequences."""
        alias = router.db_for_read(self._model)
        connection = connections[alias]
        compiled = self._by_database.get(alias) or self._compile(alias)
        with connection.cursor() as cursor:
            compiled.run(cursor, values, connection)
            return compiled.rows(cursor, connection)

    def first(self, **values: Any) -> _Model | None:
        """Return the first row as an instance; None where there is none."""
        rows = self.rows(**values)
        return self._model.from_db(router.db_for_read(self._model), self._columns, rows[0]) if rows else None

    def all(self, **values: Any) -> list[_Model]:
        """Return all of them as instances."""
        rows = self.rows(**values)
        return [self._model.from_db(router.db_for_read(self._model), self._columns, row) for row in rows]

    def _compile(self, alias: str) -> _Compiled:
        queryset: Any = self._queryset()
        compiler = queryset.query.get_compiler(using=alias)
        text, parameters = compiler.as_sql()
        expressions: Any = [expression for expression, _, _ in compiler.select]
        if queryset._fields is None:
            self._columns = [expression.target.attname for expression in expressions]
        compiled = _Compiled(text, parameters, compiler.get_converters(expressions))
        self._by_database[alias] = compiled
        return compiled


class Update(_Statement[_Model]):
    """A change of rows of one table.

    Args:
        model, make: as for `Select`.
        changes: for each column an expression.
    """

    def __init__(self, model: type[_Model], make: _Make, **changes: Any) -> None:
        super().__init__(model, make)
        self._changes = changes

    def run(self, **values: Any) -> int:
        """Change the rows; return how many there were."""
        alias = router.db_for_write(self._model)
        connection = connections[alias]
        compiled = self._by_database.get(alias) or self._compile(alias)
        with connection.cursor() as cursor:
            compiled.run(cursor, values, connection)
            return int(cursor.rowcount)

    def _compile(self, alias: str) -> _Compiled:
        query: Any = self._queryset().query.chain(sql.UpdateQuery)
        query.add_update_values(self._changes)
        compiled = _Compiled(*query.get_compiler(using=alias).as_sql())
        self._by_database[alias] = compiled
        return compiled


class Insert(Generic[_Model]):
    """A new row, from an instance without a key.

    Where somebody listens to Django's signals of saving, or the database cannot return the key of a row (MySQL), the
    ORM saves it.

    Args:
        model: of the table.
        or_ignore: let a row stand that has one of the unique values already.
    """

    def __init__(self, model: type[_Model], *, or_ignore: bool = False) -> None:
        self._model = model
        self._conflict = OnConflict.IGNORE if or_ignore else None
        self._by_database: dict[str, str] = {}

    def add(self, instance: _Model) -> bool:
        """Store the instance and give it its key.

        Returns:
            False where `or_ignore` let another row stand, or the database cannot tell; the instance has no key then.
        """
        alias = router.db_for_write(self._model, instance=instance)
        connection = connections[alias]
        can_return = connection.features.can_return_columns_from_insert
        if self._conflict is not None and not can_return:
            self._model._default_manager.using(alias).bulk_create([instance], ignore_conflicts=True)
            return False
        if not can_return or pre_save.has_listeners(self._model) or post_save.has_listeners(self._model):
            instance.save(force_insert=True, using=alias)
            return True
        text = self._by_database.get(alias) or self._compile(alias, instance)
        values = [
            value
            if is_plain and type(value := getattr(instance, field.attname)) in _PLAIN_TYPES
            else field.get_db_prep_save(field.pre_save(instance, True), connection)
            for field, is_plain in self._columns
        ]
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            row = cursor.fetchone()
        if row is None:
            return False
        instance.pk = row[0]
        instance._state.adding = False
        instance._state.db = alias
        return True

    @cached_property
    def _columns(self) -> list[tuple[Any, bool]]:
        """The columns, and whether a database takes their plain values as they are."""
        meta = self._model._meta
        fields: list[Any] = [field for field in meta.local_concrete_fields if field is not meta.auto_field]
        return [(field, type(getattr(field, "target_field", field)) in _PLAIN_FIELDS) for field in fields]

    def _compile(self, alias: str, instance: _Model) -> str:
        query = sql.InsertQuery(self._model, on_conflict=self._conflict)
        query.insert_values([field for field, _ in self._columns], [instance])
        compiler: Any = query.get_compiler(using=alias)
        compiler.returning_fields = [self._model._meta.pk]
        ((text, _),) = compiler.as_sql()
        self._by_database[alias] = text
        return str(text)
