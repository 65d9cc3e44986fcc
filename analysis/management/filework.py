"""What the commands share that tag a file: their arguments, and the reading of them.

The one door of `tag_file` and `score_tagger` to `analysis.files`: a wrong argument or file ends the command with a
sentence.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from analysis.backends import tagger_named
from analysis.files import CommentLine, read_comments, tag_lines
from analysis.taggers import Tagged, Tagger
from analysis.taggers.weights import ModelFault
from analysis.taxonomy import ArticleTaxonomy, TaxonomyError, read_taxonomy
from comments.jsonlines import FileError


@dataclass(frozen=True, slots=True)
class FileWork:
    """A tagger and what it is to tag."""

    tagger: Tagger
    taxonomies: tuple[ArticleTaxonomy, ...]
    comments: tuple[CommentLine, ...]
    examples: tuple[CommentLine, ...]

    def tagged(self) -> Iterator[tuple[CommentLine, Tagged]]:
        """Each comment with its tags, in order, behind a progress bar on a terminal."""
        found = tag_lines(self.tagger, self.taxonomies, self.comments, self.examples)
        is_silent = not sys.stderr.isatty()
        yield from tqdm(found, total=len(self.comments), unit="comment", file=sys.stderr, disable=is_silent)


def add_arguments(parser: ArgumentParser, *, comments: str) -> None:
    """The arguments that `read_work` reads.

    Args:
        comments: help on the file of comments.
    """
    parser.add_argument("--taxonomy", required=True, metavar="T.yaml", help="the articles and their tags")
    parser.add_argument("--comments", required=True, metavar="IN.jsonl", help=comments)
    parser.add_argument("--examples", metavar="E.jsonl", help="other, labelled comments to learn from")
    parser.add_argument("--tagger", default="lexical", help="lexical (the default), embeddings, or a dotted path")


def read_work(options: Mapping[str, Any]) -> FileWork:
    """The tagger and the files that the arguments name; call it within `faults_told`.

    Raises:
        CommandError: the tagger cannot be had.
    """
    try:
        tagger = tagger_named(options["tagger"])
    except (ModelFault, ImportError) as error:
        raise CommandError(f"The tagger {options['tagger']!r} cannot be had: {error}") from error
    taxonomies = read_taxonomy(options["taxonomy"])
    comments = read_comments(options["comments"], taxonomies)
    examples: tuple[CommentLine, ...] = ()
    if options["examples"]:
        examples = read_comments(options["examples"], taxonomies, need_tags=True, unique=False)
    return FileWork(tagger, taxonomies, comments, examples)


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn what is wrong with a file into the command's last sentence."""
    try:
        yield
    except (TaxonomyError, FileError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
