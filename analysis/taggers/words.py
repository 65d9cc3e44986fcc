"""General knowledge about words, independent of any article: stop words by language, common English words, numbers.

Only `stems` and the taggers read it. The lists were written by hand for comment pages; a word that is missing merely
weighs more than it should.
"""

from __future__ import annotations


def split_words(text: str) -> tuple[str, ...]:
    """The words of a list as written here, in order."""
    return tuple(text.split())


def _words(text: str) -> frozenset[str]:
    return frozenset(split_words(text))


STOP_WORDS: dict[str, frozenset[str]] = {
    "en": _words("""
        a about above after again against all also although always am among an and another any anybody anyone anything
        are aren as at away back be because been before being below between both but by came can cannot could couldn d
        did didn do does doesn doing don done down during each either else enough especially etc even ever every
        everybody everyone everything few first for from further get gets getting give given go goes going gone got had
        hadn has hasn have haven having he her here hers herself him himself his how however i if in indeed instead into
        is isn it its itself just keep kept know let like ll m made make makes making many may maybe me might mine more
        most much must my myself need neither never no nobody none nor not nothing now of off often oh ok okay on once
        one ones only onto or other others otherwise our ours ourselves out over own per perhaps quite rather re really
        s said same say says see seem seems several shall she should shouldn since so some somebody someone something
        sometimes still such sure t take takes than that the their theirs them themselves then there therefore these
        they thing things think this those though through thus to together too toward towards two under until up upon
        us use used very via want was wasn way we well went were weren what whatever when whenever where whether which
        while who whoever whole whom whose why will with within without won would wouldn yes yet you your yours
        yourself yourselves ve im dont cant doesnt didnt isnt wont thats its ive youre theyre whats lets
    """),
    "de": _words("""
        aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei bin bis bist da damit
        dann das dass dein dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch
        ein eine einem einen einer eines er es etwas euch euer für gegen gibt hab habe haben hat hatte hier hin hinter
        ich ihm ihn ihnen ihr ihre im in ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine können man mein
        mich mir mit muss nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine sich sie sind so soll
        sollte sondern um und uns unser unter vom von vor war waren was weil wenn wer werden wie wieder will wir wird
        wo wurde zu zum zur zwar zwischen über
    """),
    "fr": _words("""
        ai ainsi alors après as au aucun aussi autre aux avait avant avec avoir avons car ce cela celle celui ces cet
        cette ceux chez comme comment contre d dans de depuis des deux doit donc du elle elles en encore entre es est
        et eu eux fait faut ici il ils j je l la le les leur leurs lui là ma mais me mes moi moins mon même n ne ni
        non nos notre nous on ont ou où par parce pas pendant peu peut plus pour pourquoi qu quand que quel quelle qui
        quoi s sa sans se sera ses si sont sous sur ta te tes toi ton tous tout toute toutes très tu un une vers vos
        votre vous y à ça était être
    """),
    "es": _words("""
        al algo alguien algún alguna ante antes así aunque cada casi como con contra cual cuando de del desde donde dos
        durante e el ella ellas ellos en entre era eres es esa ese eso esta este esto estos está están fue ha hace
        hacia han hasta hay la las le les lo los me mi mis mucho muy más nada ni no nos nosotros o otra otro para pero
        poco por porque pues puede que quien qué se sea ser si sin sino sobre solo somos son su sus sí también tan
        tanto te tiene todo todos tu tus un una uno unos usted y ya yo él
    """),
    "it": _words("""
        a ad ai al alla alle allo agli all anche ancora avere aveva c che chi ci ciò come con contro così cui d da dai
        dal dalla dalle dallo dagli dall degli dei del dell della delle dello di dopo dove due e è ed era erano essere
        fa fare fino fra già gli grazie ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mio molto ne
        negli nei nel nell nella nelle nello noi non nostra nostro o ogni oppure ora per perché perchè più poi può
        proprio qua quale quando quanto quella quelle quelli quello questa queste questi questo qui quindi sarà se sei
        sempre senza si sia siamo solo sono sopra sta stata stati stato su sua sue sugli sui sul sull sulla sulle sullo
        suo suoi tanto te tra tu tutta tutte tutti tutto un una uno va vi voi
    """),
    "pl": _words("""
        a aby ale albo ani bardzo bez bo by być był była było były będzie będą ci co coś czy czyli dla do dlaczego go
        gdy gdyby gdzie i ich ile im inne innych ja jak jaki jakie jako je jednak jego jej jest jestem jeszcze jeśli
        już każdy kiedy kto która które którego której który którzy lub ma mają mi mnie może można mu my na nad nam nas
        nasz nawet nic nich nie niech niej nim niż no o od on ona one oni ono oraz po pod przed przez przy sam się
        skoro są ta tak także tam te tego tej ten też to tu tych tylko tym u w we więc wszystko wy z za ze że żeby
    """),
    "uk": _words("""
        а аж або адже але б бо був буде були було бути в вас вже ви від він вона вони воно всі все всього де для до є
        ж же за з зі і із її їм їх й його йому коли кого ким котрий ледь лише між мене мені ми мій може на над нам нас
        наш не немає ні ніж ну о один однак ось під по при про саме свій себе собі та так також такий там те теж ти
        тим тільки то того той тому тут у усі хай хоч хто це цей цього ця ці через чи чого чому що щоб що-небудь я як
        яка який які якщо
    """),
    "ru": _words("""
        а без бы был была были было быть в вам вас весь во вот все всё всего вы где да даже для до его ее её если есть
        еще ещё же за здесь и из или им их к как какой когда кто ли лишь между меня мне может мы на над надо нам нас
        наш не него нее нет ни них но ну о об однако он она они оно от очень по под потому почему при про просто с сам
        свой себя со так также такой там тебя тем то тогда того тоже только том тот тут ты у уж уже хоть чего чем что
        чтобы эта эти это этого этой этот эту я
    """),
}
"""By language code. Words of one language are never dropped from a text in another: German "die" is an English verb."""

ARTICLES = _words("the a an der die das den le la les l el los las un une una ein eine il lo gli i uno")
"""Words that an editor writes before a cue and a commenter leaves out."""

COMMON_ENGLISH = _words("""
    able above accept accord act action actually add afternoon age ago agree agreement allow already america american
    amount angry answer appear approval approve argue argument arm article ask assume assurance attack attempt aunt
    author available avoid baby bad base basic beautiful become bed beer begin behavior believe benefit best better
    big bird bit black blame blue body book borrow bottle bottom boy bread break breakfast bright bring brother
    brought brown build bus business busy buy call cancel car care carry case cat catch cause center centre century
    certain certainly chair chance change chapter cheap check child children choice choose citizen city claim class
    clean clear clearly clever click climb close coat coffee cold color colour come comment common community company
    compare complete computer concern consider continue control cook cool copy corner correct cost count country
    couple course cousin create cry cup current cut dad daily dance dark date daughter day deal death decade decide
    decision deep defend demand depend describe deserve design desk despite detail difference different difficult
    dinner direct dirty discuss doctor document dog door double doubt dozen draft draw dream dress drive drop dry due
    earlier early earn east easy eat economy edge education effect effective effort email empty end engine enjoy
    entire evening eventually evidence exactly example exist expect experience explain extra eye face fact fail fair
    fall family far farmer fast fate father fear feel feeling fetch fight figure film final finally find fine fire
    fish fix flower fly follow following food foot force forget form formal forward found free freedom friend front
    full fun fund funny future game garden general generation girl glad glass goal god gold good government
    grandfather grandmother great green ground group grow growth guarantee guess guy hair half hand happen happy hard
    hat hate head heading health hear heart heavy height help high history hold home hope horse hour house huge human
    hundred husband idea ignore imagine important improve include increase individual industry instance interest
    internet involve issue item job join judge jump junior keep kid kill kind kitchen knife lack land language large
    last late later laugh law lazy lead leader learn least leave left leg legal lend length less letter level lie life
    lift light likely limit line list listen little live local long look lose lot lots loud love lovely low machine
    main major majority man market matter mean measure media meet member men mention middle milk mind minute miss
    mistake modern moment money month moon moral morning mother mouth move movie mum music name nasty nation national
    natural nature near necessary new news next nice night normal north note number nurse obvious obviously offer
    office official old open opinion opportunity option order original outcome owe page pair paper paragraph parent
    part particular party pass past paste pay people percent perfect period person personal phone picture piece place
    plan plane plant plate play please plenty point policy polite political politician politics poor popular
    population position possible power practice present president pressure pretty prevent previous price print private
    probably problem process produce product program prohibit promise protect proud prove provide public pull purpose
    push put quarter question quick quickly quiet quit radio rain rate reaction read reader real reality realize
    reason receive recent recently record red reduce refuse regard relate remain remember remove repair report
    represent require research respect response responsible rest result return rich ride right rise risk road room
    rude rule run sad safe sail save school seat seen sell send senior sense sentence serious serve service set
    several share shirt shoe shop short show side sign silver similar simple simply sing single sister sit situation
    size sky sleep small smart smile snow social society soft soldier solution solve son song sorry sort sound south
    speak special spend stand standard start state statement stay step stop store story strange street strong student
    stuff stupid succeed success sugar suggest sun support suppose surely swim system table talk tax tea teach teacher
    television tell tend term test text thank thanks third thought thousand throw tired title today tomorrow tonight
    top total touch town train treat tree trouble true truly truth try turn type ugly uncle understand unfortunately
    unless upcoming usual usually value various version view visit voice vote wait wake walk wall war warm wash watch
    water website week weekend weight weird west wet white whole width wife win wind window wine woman women wonder
    word work worker world worry worse worst worth write writer wrong year yesterday young
""")
"""Everyday English words (dictionary form or as typed): met in any discussion, so weak evidence for a tag."""

NUMBER_WORDS: dict[str, int] = dict(
    zip(
        split_words("""
            three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
            nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
        """),
        (*range(3, 21), *range(30, 101, 10)),
        strict=True,
    )
)
"""English number words from three up ("one" and "two" are words of the language before they are numbers)."""

UNIT_WORDS: dict[str, int] = dict(
    zip(split_words("one two three four five six seven eight nine"), range(1, 10), strict=True)
)
"""What may follow a number of tens: "twenty-six" is 26, and no mention of twenty."""
