"""What spam is about and how it speaks: families of words and phrases, general knowledge written by hand.

The prior, `speech` and the lists read it. Words stand in folded form (`comments.screening.folding.fold`); a word that
is missing merely weighs nothing.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in text.splitlines() for phrase in line.split("/") if phrase.strip())


TWINS = _words("""
    fall fail falls fails falling failing mall mail malls mails mailing tall tail tails tailing hall hail halls hails
    ball bail balls bails wall wail walls wails walled wailed walling wailing pall pail nail silt silts slit slits
    lie lies ill all ail list lists still tiles tilts silent lilt tallow
""")
"""Words that differ from another word by nothing but `i` for `l`: each means itself."""

FAMILIES: dict[str, frozenset[str]] = {
    "pills": _words("""
        viagra cialis levitra kamagra tramadol xanax valium ambien phentermine adderall oxycontin vicodin hydrocodone
        soma percocet fioricet carisoprodol lorazepam diazepam alprazolam clonazepam propecia priligy dapoxetine
        sildenafil tadalafil vardenafil finasteride modafinil clomid nolvadex accutane lasix prednisone amoxicillin
        zithromax doxycycline pharmacy pharmacies rx steroids hgh kratom cbd nootropic viagara farmacia apotheke
        виагра сиалис аптека garcinia forskolin keto ketogenic acai slimming enlargement libido erectile
    """),
    "gambling": _words("""
        casino casinos poker holdem blackjack roulette baccarat slots slot jackpot betting sportsbook bookmaker
    gambling
        bingo lottery lotto togel judi sbobet situs gacor slot777 bandar bandarq dominoqq pokerqq kasino spielbank
        казино ставки букмекер рулетка слоты casinò bonuscode freespins megawin
    """),
    "credit": _words("""
        payday loan loans lender lenders refinance refinancing remortgage mortgages mortgage debt consolidation kredit
        credito crédit prêt darlehen займ займы кредит кредиты микрозайм позика позики cashadvance annuity annuities
        insurance insurances forex binary crypto bitcoin btc ethereum usdt airdrop nft investors trader traders
    trading
        broker brokers roi payouts
    """),
    "sex": _words("""
        porn porno pornography xxx sex sexy nude nudes naked webcam webcams camgirl camgirls escort escorts milf
    hentai
        fetish hookup hookups erotic erotik horny lesbian lesbians incest shemale anal blowjob pussy cum tits boobs
        singles sexcam onlyfans эротика порно секс проститутки интим знакомства дивчата
    """),
    "goods": _words("""
        vuitton gucci prada chanel hermes burberry coach uggs ugg oakley oakleys rolex replica replicas knockoff
        timberland louboutin louboutins jordans moncler pandora michael kors jersey jerseys handbag handbags sneakers
        outlet outlets wholesale nike adidas ray-ban rayban tiffany birkin longchamp hollister abercrombie beats
        vaporizer vape ecig ecigs
    """),
    "traffic": _words("""
        seo backlink backlinks backlinking serp serps pagerank linkbuilding xrumer gsa scrapebox autoblog adsense
        clickbank affiliate affiliates marketer marketers traffic leads funnel dropshipping ecommerce webmaster
        webmasters blogger bloggers monetize monetise niche раскрутка продвижение
    """),
    "prizes": _words("""
        prize prizes winner winners won claim claims guaranteed congratulations congrats voucher vouchers giveaway
        giveaways gift giftcard freebie freebies bonus ringtone ringtones tone tones polyphonic polys txt txts
        awarded award awards selected unsubscribe optout redeem redeemed entry entitled valued customer customers
        subscriber subscribers operator network networks camcorder ipod nokia motorola collect collection await
        awaits awaiting expires mins ppm sms mms reply landline landlines ntwk wk weekly txting
    """),
    "begging": _words("""
        subscribe subscribed subscriber sub4sub subscribing subs channel channels giveaway giveaways unboxing
        playlist mixtape soundcloud itunes spotify instagram facebook twitter vlog vlogs vlogger gameplay walkthrough
        remix cover covers rapper rap beats shoutout follower followers likes patreon kickstarter gofundme vote votes
    """),
    "tricks": _words("""
        generator keygen keygens crack cracked serial warez torrent torrents hack hacks hacker hackers cheats cheat
        unlocked unlocker spyware whatsapp telegram apk mod followers cvv dumps fullz spell spells caster voodoo
        lottospell herbalist herbal illuminati recovery recover
    """),
}
"""Subjects. In a text they are a hint; in a name or the host of a website they are the whole message."""

COMMERCE = _words("""
    buy buying cheap cheapest online sale sales discount discounts discounted deal deals coupon coupons promo shop
    store stores outlet price prices pricing offer offers order free download downloads review reviews service
    services
    company companies agency agencies insurance lawyer lawyers attorney attorneys solicitor solicitors dentist
    dentists dental plumber plumbing roofing contractor contractors remodeling renovation locksmith movers moving
    cleaning carpet repair repairs installation rental rentals rent hire hotel hotels villa villas apartment
    apartments
    realtor realty estate condos tickets flights cruise cruises holiday holidays vacation vacations travel tours taxi
    limo software hosting vps domain domains server webdesign design designer marketing advertising consultant
    consulting essay essays dissertation thesis homework assignment assignments coursework tutoring tutor diet diets
    weight loss fat slimming muscle bodybuilding supplement supplements vitamin skincare wrinkle acne surgery surgeon
    surgical cosmetic botox implants laser hair removal rehab detox treatment treatments cure cures remedies remedy
    clinic massage yoga fitness wedding weddings photographer photography videographer jewelry jewellery watches watch
    shoes boots bags clothing dresses fashion sunglasses perfume furniture mattress mattresses curtains blinds garage
    solar heating hvac boiler windows doors flooring pest termite towing tires tyres auto car cars used lease leasing
    vehicle vehicles truck trucks parts accessories laptop laptops tablet phone phones iphone android ipad case cases
    printer ink toner signs banners printing shirts tshirts logo business businesses opportunity opportunities
    income earn earning earnings profit profits money cash rich millionaire investment investments invest gold silver
    stocks stock options bankruptcy divorce injury accident dui dwi lottery games game gaming play app apps video
    videos movie movies film films streaming stream iptv mp3 music lyrics converter site sites website websites web
    blog blogs page portal directory directories article articles guide tips tutorial tutorials info information
    best top discounted affordable local near professional expert experts quality custom personalised personalized
    kaufen billig günstig guenstig gunstig angebote online-shop preis erfahrungen acheter pas cher comprar barato
    купить цена цены отзывы скачать бесплатно заказать онлайн магазин ремонт услуги купити ціна замовити
    dating date girls girl matchmaking chat cams tarot psychic astrology horoscope vashikaran astrologer
""")
"""What somebody sells whose "name" it is. In a text such words are everybody's."""

HOST_ROOTS = _words("""
    cheap casino poker slots betting bet365 viagra cialis pharma pills loan payday mortgage credit insurance insur
    lawyer attorney dentist plumb roofing repair hosting seo backlink essay thesis writing homework diet slim
    fitness supplement vitamin surgery clinic rehab detox cure remed massage shoes handbag bags sunglass outlet
    replica jordan gucci vuitton oakley rolex shop store sale deal coupon discount promo offer buy review best free
    download crack keygen torrent generator mp3 iptv porn xxx sex adult escort dating hookup milf crypto bitcoin
    forex trading invest profit income earn money rich bonus realty realtor estate apartment mover carpet solar
    heating floor pest limo taxi domain directory online agency consult vape ecig cbd hemp kratom keto tarot psychic
    judi togel gacor situs bandar kaufen billig guenstig gunstig kredit 4you 4u cheapest buyer rentals hotels
    weightloss weight-loss fatloss fatburn hairloss skincare jewelry jewellery watches wholesale factory limousine
    towing roofer plumber electrician contractor lawyers solicitors iphones cashfor makemoney workfrom homebiz
    followers likes backlinks dofollow webhost
""")
"""What such websites are called, as parts of the host."""

TRADE_ROOTS = _words("""
    travel chat game movie film video music door window homes moving cars phone tech design article guide tips coin
    hair weight skin watch wedding rank clean price boot cloth dress fashion jewel hotel legal house condo ticket
    muscle date cash lead software service solution auto hack cheat drugs meds stream iphone android tire furniture
    parts direct mattress grill sheds teeth dental photo holiday flight loans quote degree training marketing
    company security electric repairs garden fitness supplies equipment school wigs extensions gifts toys printing
""")
"""Trades that many live by honestly: a hint where several stand in one host."""

FREE_HOSTS = _phrases("""
    blogspot / blogger / tumblr / weebly / webs / wix / wixsite / yolasite / jimdo / webnode / livejournal
    over-blog /
    wordpress / soup / angelfire / tripod / geocities / 000webhostapp / altervista / ucoz / narod / wikidot
    zohosites /
    strikingly / bravenet / freehostia / 110mb / webstarts / blogsky / hatenablog / skyrock / typepad / squidoo
    hubpages
""")
"""Where anybody gets a page without a word; the second part of a host."""

CHEAP_ENDINGS = _words("""
    info biz xyz top click online site shop store win bid loan club icu vip tk ml ga cf gq pw cc ws buzz link work
    rest
    stream download racing review party trade date men ru cn su pl in
""")
"""Last parts of hosts that cost next to nothing, or that most spam of the last decades came with."""

PRAISE = _phrases("""
    nice post / great post / good post / awesome post / excellent post / amazing post / wonderful post / cool post
    this post / your post / your posts / nice article / great article / good article / awesome article / this article
    excellent article / your article / your articles / nice blog / great blog / awesome blog / cool blog / your blog
    this blog / your blogs / nice site / great site / good site / awesome site / cool site / your site / this site
    your website / this website / your web / this web / web site / web page / this page / your page / your weblog
    this weblog / great work / good work / nice work / great job / good job / keep writing / keep posting / keep it up
    keep up / the good work / the great work / thanks for sharing / thank you for sharing / for sharing / for posting
    very informative / really informative / informative post / informative article / very useful / very helpful
    really helpful / helpful information / useful information / useful info / helpful info / great info / good info
    nice information / great information / valuable information / fantastic post / fantastic blog / i really like
    really enjoyed / enjoyed reading / love reading / a fantastic read / great read / good read / wonderful read
    excellent read / well written / nicely written / great content / quality content / your content / this content
    your writing / writing style / writing skills / i like the / like your / love your / love the / nice info
    interesting post / interesting article / interesting blog / interesting site / great idea / good stuff
    great stuff
    nice stuff / superb / magnificent / excellent points / good points / great points / great tips / nice tips
    great share / thanks for / thank you for / exactly what i / looking for / what i was / been looking
    searching for
    came across / stumbled upon / stumbled across / found your / found this / i found / come back / coming back
    will come back / check back / look forward / looking forward / more posts / next post / bookmark / bookmarked
    bookmarking / book marked / subscribe to your / rss feed / your feed / my bookmarks / favorites / favourites
    your rss / first time / visit your / visited your / visiting your / new to / share it / share this
    with my friends / my friends / my facebook / on facebook / email subscription / newsletter / great resource
    great topic / this topic / this subject / this info / this information / the information / of information
    the layout / the theme / your theme / the design / your design / your layout / page loads / browser compatibility
    in firefox / internet explorer / my weblog / my blog / my site / my website / my web / my page / my homepage
    my webpage / my partner and / visit my / check my / see my / feel free / here is my / also visit / take a look
    look into my / surf to / stop by my / click here / click on / read more / more info / more information / for more
    good luck / i am sure / keep sharing / well done / thumbs up / love it / amazing / awesome / informative
    great delivery / solid arguments / good write / write up / good writeup / writeup / write-up / weblog / webpage
    your blogs / a blog / blog post / blog posts / other blogs / blogging / exceptional blog / excellent blog
    interesting read / very interesting / really interesting / very nice / really nice / so much info / this great
    such a great / simply wanted / just wanted to / wanted to say / i wanted to / remarkable / outstanding / superior
""")
"""What can be said under anything, by somebody who has read nothing of it."""

FORMULAS = _phrases("""
    keep it up / keep up the / the great work / my partner and / stumbled over here / return the favor
    return the favour / you visited my / visited my site / visited my blog / feel free to / look into my / surf to my
    also visit my / stop by my / here is my / take a look at / visit my web / visit my site / visit my website
    visit my blog / visit my homepage / visit my page / check out my / check my / my web site / my web blog
    my web page / my homepage / my weblog / rss feed / email subscription / grab your / subscribe to your
    your rss / bookmarked your / book marked / bookmarked it / will bookmark / saved as a / saved to fav
    to my favorites / to my bookmarks / my bookmarks / added to favorites / web browser / browser compatibility
    internet explorer / in safari / the theme of / of your blog / of your site / of your website / your web site
    this web site / this weblog / your weblog / this website / your site is / your blog is / your website is
    writing style / great delivery / exchange links / link exchange / trade links / trading links / guest post
    guest author / write for you / for sharing this / for sharing your / thanks for posting / very informative
    it is pretty worth / pretty worth enough / helpful information / useful information / valuable information
    a great author / great author / website owners / site owners / all website / all webmasters / bloggers made
    just right content / the internet will / more useful than / ever before / useful piece of / was a entertainment
    entertainment account / a leisure account / your augment / and even i / access consistently / feeds and
    whole thing / great blog / nice blog / awesome blog / excellent blog / cool blog / fantastic blog / great site
    amazing blog / nice site / cool site / excellent site / blog post / blog posts / great post / nice post
    awesome post
    excellent post / good post / informative post / nice article / informative article / excellent article
    helpful post
    your blog / your site / your website / your page / your post / your posts / your article / your articles
    you write / keep writing / keep posting / keep sharing / next write / i have read / loads of / quality posts
    a blog / own blog / blog platform / my own blog / starting a blog / blog owner / making a blog / wordpress
    to find out more / click here / more info / for more information / order now / act now / limited time
    buy now / sign up / signup / join now / free trial / visit us / visit our / our website / our site / contact us
    our company / our team / we offer / we provide / we are a / best price / lowest price / low price
    free shipping / best quality / high quality / for sale / on sale / discount / money back
""")
"""Sentences that programs that post comments are fed with."""

BEGGING = _phrases("""
    check out my / check out this / check out our / check my / my channel / our channel / this channel / my videos
    my video / my new video / our videos / my youtube / youtube channel / my music / my song / my songs / my cover
    my covers / my page / my profile / my facebook / my instagram / my remix / my mixtape / my soundcloud
    my gameplay / subscribe to / sub to / subscribe me / please subscribe / plz subscribe / pls subscribe
    and subscribe / subs / subscribe and / subscribe for / subscribe if / sub for sub / sub 4 sub / sub back
    subscribe back / follow me / follow back / thumbs up / thumb up / thumb this / like this comment / like my
    like if / like for / please like / give it a / watch my / listen to my / vote for / please vote / please help
    please watch / plz watch / please check / plz check / pls check / please listen / please read this / visit my
    go to my / come to my / take a second / a minute to / one second / not spam / no spam / i know this / hate spam
    spam but / small channel / new channel / new youtuber / reach my / my goal / my dream / support me / support my
    share this / copy and paste / copy paste / post this / send this to / means a lot / mean a lot / would mean
    mean the world / don t read comments / nobody likes / people don t / hear me out / no pressure / minute to
    spare minute / minute of your / give us a / a chance and / some feedback / any feedback / be so grateful
    you won t regret / wont regret / won t be disappointed / wont be disappointed / what you think / make my day
    shout out / in bio / every sub / new cover / free code / use my code / invite code / use code / message me
    dm me / get famous / free gift / gift card / gift cards / free iphone / earn money / make money / money online
    work from home / from home / get free / win a / chance to win / to win / sign up / signup / click the link
    link below / click here / look at this / watch this / see this
""")
"""How people beg for clicks under what others made."""

OFFERS = _phrases("""
    call now / call free / call me on / please call / call from / call customer / to claim / claim your / claim ur
    claim code / claim call / txt to / text to / text stop / txt stop / reply stop / stop to / to stop / send stop
    reply to / reply with / to opt out / opt out / you have won / u have won / have won a / youve won / a prize
    prize guaranteed / guaranteed / cash or / cash prize / free entry / free msg / freemsg / a free / free call
    for free / get free / free text / free texts / free mins / free ringtone / free camera / your mobile / ur mobile
    mobile phone / mobile no / your phone / bonus points / points / urgent / important message / final notice
    account statement / identifier code / land line / valid / per min / p min / 18 / yr old / only 10p / t cs
    ts cs / tcs apply / terms / customer service / customer services / costs / you have been / has been selected
    have been selected / you are a / been awarded / you are awarded / awarded a / double mins / half price
    line rental / latest / unlimited / secret admirer / someone you know / dating service / find out who / hot
    meet / chat with / sexy / xxx / send to / send a / send it to / hi its / great offer
    contact u / contact you / waiting for / live operator / 24hrs / weekly / entry in / 2 claim / 2 win / 4 free
    financial freedom / no experience / risk free / 100 free / act now / limited time / credit card / no credit
    bad credit / low interest / interest rate / instant approval / apply now / apply for / investment plan
    contact him / contact her / contact me / whatsapp / on whatsapp / on telegram / hacked / recovered my
    my testimony / testimony / god bless / dr / spell caster / thanks to / i was scammed / trading platform
    i invested
    make money / made money / earn money / earning / extra income / passive income / work from home / from home
    per week / per day / per month / per hour / a month working / online job / job online / last month / paycheck
    google pay / laptop / this site / this website / go to this
""")
"""How strangers offer money, prizes, goods and cures."""

FUNCTION_WORDS = _words("""
    the a an and or but if because so that this these those it its is are was were be been being have has had do
    does did
    not no nor of in on at to from by with without for about into over under as than then when where who whom whose
    which what why how all any some such only own same very can could will would should may might must i you he she we
    they me him her us them my your his our their there here while until since though although however therefore
""")
ARGUING = _words("""
    because however although though therefore unless whether despite instead argue argument arguments argued evidence
    reason reasons suggests claim claims claimed disagree agree wrong government policy public citizens society state
    states people law laws rights children parents school schools students workers taxes tax vote voters president
    congress economy country countries war science research studies study history moral ethical question problem
    problems issue issues point case simply surely actually perhaps indeed clearly rather else otherwise neither
    would should could
""")
"""How people speak who have something to say about what they have read."""
