"""English words that people use for one another in discussions of public matters, whatever the article.

General knowledge, written by hand from the fields that newspapers have; it names no article, person or place. Only the
index of definitions reads it: a comment says "doctors" where the definition says "physician". A word may stand in
several groups; words with two everyday senses are left out of the rarer one.
"""

from __future__ import annotations

from collections import defaultdict

from analysis.taggers.stems import stem_word

_GROUPS = """
    abolish scrap repeal eliminate ban / abortion pregnancy fetus unborn / abuse mistreatment cruelty harm / accident
    crash collision / accountable responsible liable blame / addict addiction addictive hooked junkie / adolescent
    teenager teen youth youngster / adopt adoption foster / advertise advertisement ad commercial marketing /
    affordable cheap inexpensive / aid assistance help relief / aircraft plane airplane jet / airline flight flying /
    alcohol liquor booze drink drinking beer wine / allow permit authorize let legalize / amnesty pardon clemency /
    ancient old historic / anger outrage fury rage / animal creature beast pet / anonymous nameless unnamed pseudonym
    / apology apologize sorry regret / arm weapon gun firearm rifle pistol / army military troops soldier forces /
    arrest detain custody jail / art artist painting sculpture / assault attack violence violent / athlete player
    sportsman / athletics sport game / authentic genuine real / automobile car vehicle driver driving / average
    typical mean / bailout rescue subsidy / ballot vote voter election referendum plebiscite poll / ban prohibit
    prohibition forbid outlaw illegal / bank banker lender / bankruptcy insolvent debt / bargain deal negotiate
    negotiation talks / behavior behaviour conduct / belief faith religion religious / bias prejudice bigotry
    discrimination racism sexism / bicycle bike cyclist cycling / bill legislation law statute act / biology biologist
    evolution / birth born baby newborn / bomb bombing missile explosive / border frontier boundary / boss manager
    employer supervisor / boycott shun / brain mind cognitive / bribe bribery corruption corrupt graft / broadcast
    television tv / budget spending expenditure / build construct construction / bully bullying harass harassment /
    bureaucracy bureaucrat / business company corporation firm corporate / campus university college / cancer tumor
    disease / candidate nominee contender / capitalism capitalist / carbon emission greenhouse / catholic pope priest
    church / cease halt stop end / ceasefire truce armistice / celebrity star fame famous / censor censorship /
    charity donate donation philanthropy / cheat cheating fraud dishonest / chemical toxic poison / child kid children
    minor / choice choose option / christian church bible gospel / citizen citizenship national / city urban town
    downtown / civilian noncombatant / climate warming weather / clothes clothing dress wear outfit / coach trainer /
    coal oil gas fossil petroleum / colleague coworker / college university undergraduate / commitment pledge promise
    assurance guarantee / commute commuter transit bus subway train / compel coerce force mandatory compulsory
    obligatory require / compensation pay salary wage earnings / competition compete rival / complain complaint
    grievance / compromise concession concede / computer software laptop / conceal hide secret secrecy / confidential
    private privacy / conflict war warfare fighting combat battle / congress senate parliament lawmaker legislator
    senator legislature / consent agree agreement / conservation preserve preservation / constitution constitutional
    amendment / consumer customer shopper buyer / contract agreement treaty pact accord / control regulate regulation
    rule / cook cooking chef recipe kitchen / cop police policeman officer / copyright patent piracy / country nation
    state homeland / court judge justice judicial judiciary tribunal / cow cattle beef / creator author inventor /
    credit loan lend mortgage borrow / crime criminal offender felon / criticism criticize critic / culture cultural
    tradition custom / curriculum syllabus / custody guardian / cut slash reduce reduction / danger dangerous risk
    risky hazard unsafe / data information / deadline timetable / death die dying dead mortality lethal / debate
    discuss discussion argument / debt deficit owe / deceive lie mislead dishonest / defense defence defend protect /
    delay postpone / delegate envoy emissary representative ambassador diplomat / demand insist / democracy democratic
    / demonstrate protest demonstrator rally march / deport deportation expel / depression depressed / despot dictator
    autocrat tyrant / destroy demolish wreck ruin / develop development developer / diet eating nutrition nutritious
    food / disability disabled handicapped / disaster catastrophe / discipline punish punishment penalty / disease
    illness sickness sick / divorce separation custody / doctor physician surgeon medic / document paper text draft /
    dog puppy canine / donor contributor / draft conscription conscript / drug narcotic substance / durable lasting
    permanent sustainable / earnings income salary wage pay / earth planet world globe / economy economic economist /
    edit editor / educate education school schooling / elderly old senior aged retiree / electricity power grid /
    elite elitist wealthy privileged / email message text / embryo fetus / emergency urgent crisis / employ employment
    job work hire / employee worker staff labor / encourage promote incentive / enemy foe adversary / energy power
    fuel / enforce enforcement / entertain entertainment fun / environment environmental ecology nature / epidemic
    pandemic outbreak virus / equal equality equity unequal / ethic ethical moral morality immoral / ethnic race
    racial minority / euthanasia suicide / evidence proof / exam test / execute execution / exercise fitness workout /
    expel expulsion suspend suspension / expense expensive cost price pricey / expert specialist / exploit
    exploitation / export import tariff trade / extinct extinction endangered / extremist radical fanatic / factory
    plant manufacturing / fail failure failing / fair fairness unfair just / fake phony false bogus / family household
    relative / farm farming farmer agriculture crop / fast quick rapid swift speedy / fat obese obesity overweight /
    father dad parent / fear afraid scared scare frighten / fee charge / female woman girl women / feminism feminist /
    fetus unborn / film movie cinema / fine penalty / fire dismiss sack / fish fishing fishery seafood / flag banner /
    flight flying / flood hurricane storm / football soccer / foreign overseas abroad / foreigner alien immigrant
    migrant refugee / forest tree wood / founder founding / fraud scam swindle / freedom liberty free / fund funding
    finance money / funeral burial cemetery grave / gamble gambling casino bet lottery / gang mafia mob / gay
    homosexual lesbian lgbt / gender sex / gene genetic dna / genocide massacre atrocity / god deity divine /
    government administration state federal / graduate graduation degree diploma / grant funding subsidy / greed
    greedy / grocery supermarket food / growth grow expand / guilt guilty / hack hacker / happiness happy / hate
    hatred / health healthy healthcare medical / heat hot / heritage legacy / hero heroic / hide conceal / highway
    road traffic / holiday vacation / holy sacred / home house housing / homeless homelessness shelter / homicide
    murder murderer killer / homework assignment / honest honesty truthful / hospital clinic / hotel lodging / housing
    apartment rent rental tenant landlord / human mankind humanity people / hunger hungry starve starvation famine /
    hunt hunting hunter / husband wife spouse marriage marry married / identity identify / illegal unlawful illicit /
    immigrant immigration migrant / immunize vaccine vaccinate vaccination immunization inoculate shot / imprison
    prison jail incarcerate incarceration prisoner inmate / inequality disparity gap / infant baby / inflation price /
    influence sway / injury injure hurt wound / innocent innocence / inspect inspection / insurance insurer premium /
    intelligence smart iq / internet online web website / intervene intervention interfere / invade invasion occupy
    occupation / invest investment investor / islam muslim mosque / jewish jew synagogue / jobless unemployed
    unemployment / journalism journalist reporter press news newspaper media / judge justice / junk trash garbage
    waste litter / jury juror / kill killing slaughter / labor union strike / land territory soil / language speak
    english / large big huge / lawsuit sue litigation / lawyer attorney / leader leadership / leak whistleblower /
    lecture lecturer professor / lesson teaching / library librarian book / license permit / life live living / loan
    lend borrow / lobby lobbyist / lonely loneliness / love romance romantic / loyal loyalty / mail letter / male man
    boy / malnutrition hunger / manufacture manufacturer / marijuana cannabis pot weed / math mathematics algebra /
    meat beef pork chicken / medicine medication drug pill / memory remember forget / mental psychological psychiatric
    / merchant shopkeeper retailer / mine mining miner / mistake error wrong / monarchy king queen royal / monitor
    surveillance surveil spy spying / monopoly antitrust / monument statue memorial / mother mom mum parent / museum
    gallery exhibit / music song musician band / nanny babysitter childcare daycare / native indigenous / neighborhood
    neighbourhood community / neutral impartial unbiased / noise loud / nuclear atomic / nurse nursing / nutrition
    nutrient / obesity obese fat / offend offensive insult / officer official / opponent opposition / organ transplant
    donor / organic natural / orphan adoption / owner own ownership / pain suffering suffer / park playground /
    parliament legislature / partner spouse / passenger traveler / patient sick / patriot patriotic patriotism / peace
    peaceful / pension retirement retire retiree / perform performance / pesticide chemical / pet dog cat / phone
    cellphone smartphone mobile / pilot cockpit / plastic packaging / poem poetry poet / politician politics political
    / pollution pollute smog contamination / poor poverty needy / pope vatican / population overpopulation /
    pornography porn / pray prayer / pregnancy pregnant / president presidency presidential / price cost / prisoner
    inmate / privacy private / privilege privileged advantage / profession professional career / profit revenue /
    progress advance / property estate / prosecute prosecution prosecutor / prostitution prostitute brothel / proud
    pride / psychiatry psychiatrist psychologist therapy therapist / pupil student / pull withdraw withdrawal retreat
    / punish punishment / quality excellence / quit resign / quota quotas / racism racist / radiation nuclear / rape
    rapist / recession downturn / reconstruction rebuild recovery / recycle recycling / reform overhaul / refuse
    reject deny rejection refusal / renewable solar / rent tenant / repair fix / representative delegate / research
    researcher study scientist / restaurant diner / restrict restriction limit / revenge retaliation / reveal disclose
    disclosure / revise revision / revolution uprising / rich wealthy wealth affluent millionaire billionaire / rifle
    gun / right entitlement / river lake / robot automation automate / rural countryside / safe safety secure security
    / sanction embargo / satellite space / school classroom / science scientific scientist / sea ocean marine /
    segregation segregate / self selfish selfishness / sentence sentencing / settlement settle agreement / sex sexual
    / ship boat / shooting shooter gun / shop store retail / sign signature signing / skill skilled / slavery slave /
    sleep asleep nap / smoke smoking smoker cigarette tobacco / social society / sodium salt / software app / spank
    spanking / speech expression / stadium arena / standard criterion / starve starvation / stop end / strike walkout
    / student pupil / subsidy subsidize / suburb suburban / suicide suicidal / sugar sweet soda / supervise
    supervision / surgery surgical operation / swear curse profanity / sweatshop labor / sympathy compassion empathy /
    tax taxation taxpayer taxes / teach teacher teaching educator / technology tech / teen teenager / telescope
    astronomy / temporary short / terror terrorist terrorism / theater theatre play / theft steal thief rob robbery /
    threat threaten / tire tired exhausted / tobacco cigarette / tolerance tolerant / torture torment / tour tourist
    tourism traveler / toxic poisonous / toy toys / traffic congestion / tragedy tragic / train railway railroad rail
    / transgender trans / translate translation / transparency transparent / trial court / trust distrust / tuition
    fee / tutor tutoring / ugly beauty beautiful attractive / unemployment jobless / union labor / vague unclear /
    vegetarian vegan / verify verifiable verification / veteran soldier / veto block / victim survivor / video film /
    violence violent / virus infection infect / volunteer volunteering / vote voter / wage salary / war warfare / warn
    warning / waste wasteful / water drought / weapon arms / wed wedding marriage / weekend saturday sunday / weight
    heavy / welfare benefit / wild wildlife / win victory / woman female / worship pray / young youth / zoo aquarium
"""


def _groups() -> dict[str, frozenset[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for group in _GROUPS.split("/"):
        stems = {stem_word(word, "en") for word in group.split()}
        for stem in stems:
            near[stem] |= stems - {stem}
    return {stem: frozenset(others) for stem, others in near.items()}


SYNONYMS = _groups()
"""By English stem, the stems that people use in its place."""
