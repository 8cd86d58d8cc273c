"""Closed classes of English, and the words whose base form a dictionary gets wrong in talk of photos."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    "a an the this that these those his her its their our my your some any each every another no both all "
    "either neither several many few various"
)
PREPOSITIONS = _words(
    "of in on at by with without from to into onto through over under above below behind beside besides "
    "between among across along around near next off out outside inside up down towards toward against "
    "during for about after before beneath underneath upon within amid amidst past like as per via beyond "
    "atop alongside throughout until since despite except opposite aboard than"
)
PRONOUNS = _words(
    "i me you he him she it we us they them himself herself itself themselves myself yourself ourselves "
    "one ones who whom whose which what hers theirs mine yours something someone somebody anything anyone "
    "everything everyone everybody nothing nobody there here other others"
)
CONJUNCTIONS = _words("and or but nor so yet while as when where if because although though whether whilst")
AUXILIARIES = _words(
    "be am is are was were been being have has had having do does did doing can could will would shall "
    "should may might must get gets got getting"
)
NUMBERS = _words("two three four five six seven eight nine ten eleven twelve dozen")
FUNCTION_WORDS = (
    DETERMINERS | PREPOSITIONS | PRONOUNS | CONJUNCTIONS | AUXILIARIES
    | _words("not very just also only too then well again even still almost quite rather more most much less "
        "such same own how why now away together back s t m re ve ll d o etc seem seems appear appears "
        "apparently maybe perhaps")
)  # fmt: skip

# Where the dictionary prefers the rarer reading, or a word of photos is a noun in its own right.
LEMMAS: dict[str, str] = {
    "playing": "play", "singing": "sing", "fixing": "fix", "mixing": "mix", "swinging": "swing",
    "mixed": "mix", "fixed": "fix", "bathing": "bathe", "sitting": "sit", "hanging": "hang",
    "setting": "set", "smoking": "smoke", "writing": "write", "cutting": "cut", "gathering": "gather",
    "drawing": "draw", "serving": "serve", "following": "follow", "handling": "handle", "feeding": "feed",
    "lining": "line", "burning": "burn", "casting": "cast", "carving": "carve", "heading": "head",
    "folding": "fold", "breathing": "breathe", "baking": "bake", "beating": "beat", "filling": "fill",
    "rollerskating": "rollerskate", "beginning": "begin", "closing": "close", "buying": "buy",
    "scaling": "scale", "haired": "hair", "graffiti": "graffiti", "neighborhood": "neighborhood",
    "bare": "bare", "lei": "lei", "leis": "lei", "cola": "cola", "coca-cola": "coca-cola", "elder": "elder",
    "memorabilia": "memorabilia", "pajamas": "pajamas", "pajama": "pajamas", "moped": "moped",
    "weed": "weed", "weeds": "weed", "regalia": "regalia", "sarees": "saree", "floaties": "floaty",
    "atvs": "atv", "bikers": "biker", "wineglasses": "wineglass", "better": "good", "best": "good",
    "people": "people", "clothes": "clothes", "left": "left", "felt": "felt", "saw": "see",
    "ground": "ground", "wound": "wound", "lit": "light", "teeth": "tooth", "feet": "foot",
    "building": "building", "buildings": "building", "painting": "painting", "paintings": "painting",
    "railing": "railing", "railings": "railing", "wedding": "wedding", "weddings": "wedding",
    "bowling": "bowling", "scaffolding": "scaffolding", "wings": "wing", "meeting": "meeting",
    "glasses": "glasses", "sunglasses": "sunglasses", "eyeglasses": "eyeglasses", "shorts": "shorts",
    "tights": "tights", "binoculars": "binoculars", "tongs": "tongs", "billiards": "billiards",
    "trunks": "trunks", "headphones": "headphones", "goggles": "goggles", "jeans": "jeans",
    "closest": "close", "an": "a", "us": "we", "does": "do", "as": "as", "seeds": "seed",
}  # fmt: skip
AFTER_NOUN_MARK = {"leaves": "leaf"}


NOUN_MARKS = DETERMINERS | _words(
    "of with in on under fallen autumn fall dead dry green brown red yellow orange colorful tree"
)

ADJECTIVES = _words(
    "haired skinned colored coloured sleeved black white red blue green yellow orange purple pink brown "
    "gray grey tan beige gold golden silver dark light bright pale colorful multicolored striped plaid "
    "blond blonde big small large little tiny huge long short tall high low wide narrow young old older "
    "younger elderly adult middle-aged new ancient wet dry dirty clean muddy snowy rocky sandy grassy "
    "wooden metal plastic stone brick glass rainy sunny cloudy busy crowded empty open closed full hot "
    "cold warm cool fancy beautiful pretty nice happy sad serious male female asian african american "
    "indian chinese japanese shirtless bald fat thin strong heavy soft hard blurry same different single "
    "lone fluffy furry shaggy spotted traditional formal casual matching similar military professional "
    "homeless barefoot naked bare modern urban rural foreign public private"
)
NOUNS_IN_ING = _words(
    "building clothing railing ceiling wedding evening morning string ring king wing thing something "
    "anything everything nothing swing painting spring awning earring housing scaffolding pudding sibling "
    "lightning sling viking sting bowling crossing parking"
)
PARTICIPLES = _words(
    "dressed held made seen shown worn seated covered filled surrounded lit parked caught taken known "
    "built drawn written left bent clad set hung gathered decorated painted lined attached tied stacked "
    "wrapped mounted perched displayed located positioned posed crouched draped strapped engaged followed "
    "pulled carried driven ridden thrown broken torn laid sat used called named stuck raised crossed "
    "outstretched"
)
NEEDS_PHRASE = _words(
    "look lean dress cover fill surround consist listen make clothe clad belong rely point stare gaze "
    "attach place put set engage participate locate try use depend lay lie head go come similar full "
    "close front ready able about due refer seem aim decorate line"
)
VERBS = _words(
    "stand sit walk run jump play ride look hold wear watch talk smile eat drink dance sing swim climb "
    "drive work sleep lie lay lean pose perform wait cross catch throw kick hit chase carry push pull ski "
    "surf skate skateboard fly race read write draw cook cut make take give show point face stare gaze "
    "listen laugh cry jog hike bike cycle row paddle sail fish dive splash slide fall roll swing bounce "
    "leap land lift raise reach touch hug kiss fight wrestle box bite lick chew sniff dig bark feed pet "
    "wash clean sweep mop paint fix repair build chop saw drill weld plant pick gather collect sell buy "
    "shop pay serve pour sip smoke blow wave clap cheer celebrate march parade pray kneel crouch squat "
    "bend stretch rest relax lounge enjoy prepare try attempt practice compete balance juggle spin turn "
    "twist flip tumble dribble shoot score block tackle pass go come get put set hang enter exit leave "
    "approach stop start begin move travel meet greet speak say tell ask teach learn study type use "
    "operate load unload board photograph film record pretend seem appear become stay remain live grow "
    "shine hide peek peer examine inspect check search wade float drift soar glide hover tow haul drag "
    "steer guide lead follow overlook surround cover fill line decorate wrap tie hand offer present "
    "receive share win lose help hurl toss pitch bat strum drum bow sew knit shave brush comb braid dress "
    "undress style text call wipe scrub rinse rake shovel mow water hose spray skip hop crawl toddle "
    "wander stroll stride step trek rappel snowboard kayak canoe raft windsurf parasail bowl golf fence "
    "spar punch strike grab grasp grip clutch embrace cuddle snuggle nap doze yawn stick contain feature "
    "depict display include descend ascend scale head rush hurry sprint dash emerge fetch retrieve return "
    "observe view admire browse discuss converse chat interact argue scream yell shout whisper sled have "
    "do be"
)

NEEDS_OBJECT = _words(
    "wear hold carry catch throw chase push pull kick hit make take give have get put bring grab lift raise "
    "use ride show touch hug pet feed wash build fix cut pour toss fetch cross approach enter leave lead "
    "follow guide drag haul brush comb tie wrap cover surround contain include"
)
MANY = _words("two three four five six seven eight nine ten several many few some both")
CROWDS = _words("people men women children kids")
WHERE = _words("in on at near by beside next behind under with inside outside against among atop")
PERSONS = _words(
    "man woman boy girl child person kid guy lady male female men women boys girls children people kids "
    "guys ladies"
)
MORE_PERSONS = _words("toddler gentleman teenager baby adult friend toddlers teenagers babies adults friends")
REFERRING = _words("his her its their him them it himself herself itself themselves each another other")
