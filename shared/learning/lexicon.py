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
CONJUNCTIONS = _words("and or but nor so yet while as when where if because although though whether")
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
