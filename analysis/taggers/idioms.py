"""Everyday English idioms and set phrases whose words do not mean what they mean alone.

General knowledge, written by hand for comment pages of any kind; it names no article. Only `cues` reads it. "(a|b)"
stands for either word; a word is written folded, as `stems` folds it.
"""

from __future__ import annotations

import re
from itertools import product

_PATTERNS = """
i (can|could|will|would|do|absolutely|almost|personally|fucking) guarantee
i guarantee
guarantee (you|ya)
guaranteed (to|that)
no guarantee (that|of)
(moneyback|lifetime|year|months) guarantee
money back guarantee
(satisfaction|results|delivery) (guarantee|guaranteed)
(guarantee|guarantees|guaranteed) (delivery|satisfaction|results)
(guarantee|guarantees|guaranteed) a (refund|delivery|table|seat)
warranty (guarantee|guarantees)
i (can|could) (assure|promise) you
i (assure|promise) you
rest assured
(moscow|kentucky|london) (mule|mules)
(white|black) (russian|russians)
russian (roulette|doll|dolls|dressing|salad|blue|hat|twist|twists)
(chicken|cutlet) (kiev|kyiv)
french (fry|fries|toast|kiss|press|bulldog|bulldogs|horn|window|windows|bread|polish|onion)
german (shepherd|shepherds)
spanish (omelette|omelet|flu|fly)
turkish (delight|bath|coffee)
swiss (cheese|army|chard)
danish (pastry|pastries)
(brazil|brazilian) (nut|nuts|wax)
chinese (whispers|takeaway|takeout|checkers|food)
dutch (courage|oven|treat|uncle)
english (breakfast|muffin|muffins)
irish (coffee|setter|stew|goodbye|exit)
scotch (egg|tape|whisky)
belgian (waffle|waffles|chocolate)
welsh rarebit
italian (dressing|sausage)
canadian bacon
mexican (wave|standoff|food)
indian summer
(american|british) (cheese|airways|airlines)
new york (pizza|cheesecake|yankees|giants)
white house (wine|paint)
land (rover|rovers|line)
land (a|my|your|his|her|that|another) (job|role|gig|part|punch|interview|date)
land on (my|your|his|her|its|their) (feet|foot|face)
(lay|lie) of the land
(la|cuckoo|dream|fairy|fantasy|never) land
(plane|planes|flight|helicopter) (land|lands|landed)
sign (up|in|language)
signed (up|in)
signing (up|in)
(good|bad|sure|clear|first|warning|stop|road|street|neon|star|dollar|yard|exit|peace|plus|minus|telling) sign
(good|bad|sure|clear|first|warning|stop|road|street|neon|star|dollar|yard|exit|peace|plus|minus) signs
sign of (the|a|an|weakness|strength|life|things|hope|respect|age|progress|improvement|intelligence)
signs of (the|a|an|weakness|strength|life|things|hope|age|progress|improvement|intelligence)
sign that
signs that
(deal|deals|dealing|dealt) with
(big|great|good) deal of
big deal
(drug|card|car|package|phone|meal) deal
deal (breaker|breakers)
(plan|planning) (b|on)
(health|data|phone|pension|meal|insurance|dental|floor|lesson|business|family|seating) plan
(health|data|phone|pension|meal|insurance|dental|floor|lesson|business) plans
draft (beer|beers|pick|picks|kings|dodger|dodgers|animals|horse|horses|excluder)
(nba|nfl|nhl|first round|fantasy) draft
(on|feel a|cold) draft
point of (view|order|sale|no)
points of view
(what is|miss|missed|missing|see|get|beside|prove|proves|that is|to) the point
(my|your|good|valid|fair|excellent|moot|no) point
at (this|that|some|one) point
point (out|to|at|fingers|taken|being|is)
points (out|to|at)
pointed (out|to|at)
push (up|ups|notification|notifications|button|buttons|the envelope)
(time|comfort|school|end|danger|twilight|parking|no fly) (zone|zones)
zone (out|in)
zoned out
(social|job|airport|home|cyber|food|network|financial|mall|store) security
security (guard|guards|camera|cameras|deposit|blanket|clearance|update|patch|number)
peace of mind
(rest|rested) in peace
peace (and quiet|corps|lily)
(inner|make my|make your) peace
(star|culture|price|bidding|console|tug of|flame|edit) (war|wars)
war on (drugs|christmas|terror|women|poverty|cars)
front (page|door|row|seat|yard|lawn|desk|runner|runners|end)
in front
up front
(kill|killing|killed|kills) (time|the mood|the vibe|two birds)
(is|are|was|were) killing me
(hold|holding) (on|my beer|your horses|your breath|my breath)
(mark|eat) my words
in other words
words of wisdom
(take|took) (a|my|your) (break|look|walk|bath|shower|nap|photo|picture)
on the same page
turn the page
(web|home|landing) page
(summer|winter|spring) (break|sale|holiday)
border (collie|collies)
(crystal ball|world cup|super bowl)
(long|short) term memory
(european|world|premier|champions) (championship|league|cup)
(christmas|birthday|wedding|office|dinner|tea|third|party) party
(weekend|weekends) (getaway|trip|brunch|sale)
(have|had|has|having) a (nice|great|good|lovely) weekend
(nice|great|good|lovely) weekend
(happy|merry) (christmas|weekend|new year)
bear (hug|market|arms|with me)
cold turkey
body language
(grand|baby|concert) piano
"""


def _spelt_out(pattern: str) -> list[tuple[str, ...]]:
    """All idioms that one line stands for."""
    parts = [
        part[1:-1].split("|") if part.startswith("(") else [part]
        for part in re.findall(r"\([^()]*\)|[^\s()]+", pattern)
    ]
    return [tuple(" ".join(words).split()) for words in product(*parts)]


IDIOMS: frozenset[tuple[str, ...]] = frozenset(
    idiom for line in _PATTERNS.strip().splitlines() for idiom in _spelt_out(line)
)
"""Each a sequence of folded words."""
