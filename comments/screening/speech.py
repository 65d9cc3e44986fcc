"""How people speak of their own and of what they have read, and what people are called: general knowledge, written by
hand, in folded form.

Only the prior and `pitches` read it; what is missing merely weighs nothing.
"""

from __future__ import annotations

from comments.screening.vocabulary import COMMERCE, FAMILIES, FORMULAS, FUNCTION_WORDS, PRAISE


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MINE = _words("my our mah mein meine unser mon ma mes notre nos mi mis nuestro moj mon moje мой мою моя наш")
WORKS = _words("""
    channel chanel channels video videos vid vids page profile song songs single cover covers album mixtape remix
    remixes ep beat beats track tracks vlog vlogs blog site website gameplay gameplays montage montages tutorial
    tutorials parody sketch trailer film app store shop book fundraiser campaign instagram insta twitter snapchat
    soundcloud youtube yt fb facebook patreon band clip clips stream art portfolio merch music upload uploads mix
    bio version reaction reviews picture pic canal kanal kanał chaine homepage weblog code link
""")
"""What somebody may call their own that one can click on."""
MAKERS = _words("i we ive im weve were iam")
BETWEEN = _words("""
    just also do am are have ve m re recently usually really will ll already only would d like to mostly been be
""")
"""What may stand between who makes something and what they do."""
MAKING = _words("""
    upload uploads uploaded uploading post posts posted posting make making made cover covers covered sing rap vlog
    stream produce dropped dropping released releasing started starting record recorded edit film filming filmed
    perform design sell selling offer provide remixed gave giving earn earned won create created launched
""")
BREAKS = _words("""
    is was are were and but when because that who mom dad mother father says said recommended had has favorite
    favourite fav fave favorites favourites best
""")
"""What parts "my" from what comes after it: "my mom says that channels ..."."""
FIRM_WORDS = _words("""
    sub subs subscribe suscribe subcribe susscribe subsribe subscibe suscibe follow vote visit check chek chck checkout
    click join sign share register whatsapp contact download hit like thumb thumbs stop drop swing come support copy go
    head add
""")
SOFT_WORDS = _words("""
    watch listen look try read search give help take hear stream buy get tell let earn win grab comment have
""")
"""With which a call begins: see `pitches`."""
OTHERS = _words("he she his her him they them their this")
"""Who is spoken of by somebody who speaks of what others made."""

_TALK = _words("""
    comment comments commented commenting reading reads people time times day days week weeks month year years thing
    things stuff lots great good nice really very much more here there know known think thinking like liked love
    loved want wanted look looked looking need needed make making made come comes find finding found work works
    working help helps helped helpful share shared sharing keep keeps going getting having thanks thank thankyou
    hello greetings howdy heya friend friends colleague colleagues brother sister cousin buddy wife spouse partner
    google yahoo bing facebook twitter myspace search searched searching internet online browser loading loads
    images pictures problem problems issue issues plugin plugins hackers hacked theme layout design designs colors
    colours template host hosting feed feeds subscribe newsletter email mails notified notify checkbox quality
    knowledge experience understand understanding learn learned explain explained explanation detail details
    detailed topic topics subject matter field area areas idea ideas thought thoughts opinion point points view
    views valid decent interesting wonderful amazing awesome fantastic excellent magnificent superb brilliant
    perfect pretty cool beautiful best better simply just ever never always again also about with from this that
    these those them they their have been were will would could should must than then when where which while what
    some someone something anything everything nothing every each other others another such same only even still
    back right left first last next long short little big many most into onto over under after before since until
    because though although without within write writes writing written writer wrote read reader readers post posts
    posted posting article articles blog blogs blogger bloggers blogging website websites site sites page pages
    webpage weblog weblogs content information info informative resource resources useful valuable advice tips
    suggestions tricks guide piece paragraph style unique visit visits visited visiting visitor visitors stumbled
    came across checking check bookmark bookmarked bookmarks book-marked saved favorite favourites favorites return
    favor continue forward await awaiting future present moment today tomorrow yesterday night morning tonight lucky
    chance accident luck glad happy pleased impressed pleasure enjoy enjoyed enjoyable enjoying appreciate
    appreciated appreciating admire admiring effort efforts hard job jobs done doing does truly genuinely actually
    absolutely definitely certainly highly extremely incredibly completely entirely totally quite rather maybe
    perhaps wish hope hoping believe agree agreed fully say says said saying talk talking tell telling told ask
    asked question questions answer answers wonder wondering curious hurrah wow yeah well okay sure true real fact
    facts clear clarity clearly simple easy easily difficult different similar related regarding concerning nearly
    almost exactly kind sort type part parts place places person persons everyone anyone nobody whole entire full
    complete end ending start starting begin beginning started setting set-up own owner owners webmaster webmasters
    rss provider server speed fast quick quickly slow loaded version mobile phone iphone screen text words word
    sentence language english grammar spelling font size width explorer firefox safari chrome opera compatibility
    technical techincal code coding html seo rank ranking keyword keywords traffic popular famous community forum
    forums board group members member discussion debate attention grabbed hooked interested interest intriguing
    fascinating engaging educative entertaining remarkable outstanding impressive stunning terrific marvelous
    marvellous superior spectacular exceptional splendid usefull greatest finest regards cheers kudos bravo respect
    salute thumbs good-bye bye sincerely channel channels video videos song songs music subscribed please guys hear
    listen watch watching gratuit merci bonjour super tres bien continuez partage beitrag toller guter schon danke
    weiter interessant spasibo спасибо интересно было почитать привет всем terima kasih infonya sangat bermanfaat
    bagus artikel gracias excelente bueno ciekawy wpis pozdrawiam fajny blogg inlagg artikkel
""")
SITE_TALK = _words("""
    blog blogs blogger blogging blogosphere website websites weblog weblogs webpage webpages site sites web plugin
    plugins browser rss feed feeds checkbox theme layout host hosting bookmark bookmarked article articles writing
    writer author post posts posting commented comments visitors
""")
"""What the talk is of where it is of the place, and not of what stands there."""

SAYS_NOTHING: frozenset[str] = frozenset().union(
    FUNCTION_WORDS, COMMERCE, *FAMILIES.values(), _TALK, *(phrase.split() for phrase in (*PRAISE, *FORMULAS))
)
"""Words that show nothing of what somebody has read or lived."""

GIVEN_NAMES = _words("""
    aaron abby abigail adam adele adrian ahmed aisha alan albert alejandro aleks alex alexander alexandra alfred ali
    alice alicia allison amanda amber amelia amir amy ana anders andrea andreas andrew andy angela anita anja ann
    anna anne annette annie anthony antonio arthur ashley astrid barbara barry beatrice becky ben benjamin bernard
    beth betty bill billy bob boris brad brandon brenda brian bridget bruce bruno caitlin cameron carl carlos carmen
    carol caroline catherine cathy cecilia charles charlie charlotte chiara chloe chris christian christina
    christine christopher claire clara claudia colin connor craig curtis dan daniel daniela danny dave david dawn
    dean deb deborah debbie denis dennis derek diana diane diego dimitri dirk dmitri dominic don donald donna doris
    dorothy doug douglas duncan dylan ed eddie edith edward eileen elaine elena eleanor eli elizabeth ella ellen
    emily emma eric erica erik erin ernest esther ethan eva evan evelyn fabio fatima felix fiona florian frances
    francesca francis frank fred frieda gail gareth gary gavin gemma geoff george gerald gerry gillian gina giulia
    glen gloria gordon grace graham greg gregory greta gus guy gwen hank hannah hans harold harriet harry hassan
    hazel heather heidi helen helena henrik henry hugh hugo ian ibrahim ida igor inga ingrid irene iris isaac isabel
    isabella ivan jack jackie jacob jacqueline jake james jamie jan jana jane janet janice jason javier jean jeff
    jeffrey jennifer jenny jeremy jerry jesse jessica jill jim jimmy joan joanna joanne joe johan johanna john
    johnny jon jonas jonathan jordan jorge jose joseph josh joshua joy joyce juan judith judy julia julian julie
    justin jurgen karen karin karl kate katherine kathleen kathy katie keith kelly ken kenneth kevin kim kirsten
    kirsty klaus kofi kristen kurt kyle lara lars laura lauren laurence laurie lea leah lee leila lena leo leon
    leslie lewis liam lily linda lisa liz lorna lorraine louis louise luca lucas lucia lucy luis luke lukas lydia
    lynn maggie manuel marc marcel marcia marco marcus margaret maria marian marianne marie marilyn marina mario
    marion mark marlene martha martin mary mathias matt matthew maureen maurice max maya megan meg melanie melissa
    mia michael michelle miguel mike mikhail milan miles miriam mo mohamed mohammed molly monica monika morgan
    moritz nadia nadine nancy naomi natalie natasha nathan neil nell nick nicholas nicola nicole nigel nikolai nina
    noah noel nora norman oliver olivia olga oscar otto owen pablo pamela pascal pat patricia patrick paul paula
    paulo pedro penny pete peter petra phil philip philippa pierre piotr priya rachel ralf ralph raj rebecca regina
    rene ricardo richard rita rob robert roberto robin rodney roger roland ron ronald rosa rosemary rose ross roy
    ruth ryan sally sam samantha samir samuel sandra sandy sara sarah scott sean sebastian sergei shane sharon
    sheila shirley silvia simon simone sofia sonia sophia sophie stefan stella stephanie stephen steve steven stuart
    sue sunil susan suzanne sven sylvia tamara tanya tara tatiana ted teresa tess theo theresa thomas tim tina toby
    todd tom tommy tony tracy trevor tricia trish uwe valerie vanessa vera veronica vicky victor victoria vincent
    viktor viv vivian vladimir walter wanda wayne wendy will william wolfgang yan yasmin yuki yuri yusuf yvonne zoe
""")
"""What people are called, in forms that are met everywhere; a name that is not here says nothing."""
