"""Letters that NFKD leaves alone and that a reader takes for Latin ones; upper and lower case go to the same letter."""

import re

CYRILLIC = (
    (
        "\u0410\u0412\u0415\u0417\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u04ba\u051a\u051c"
        "\u0430\u0432\u0435\u0437\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u04bb\u051b\u051d"
    ),
    "ABE3KMHOPCTYXIJSHQW" + "abe3kmhopctyxijshqw",
)
GREEK = (
    (
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
        "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
    ),
    "ABEZHIKMNOPTYX" + "abezhikmnoptyx",
)
OLD = ("\u0501\u0475\u04cf", "dvl")  # Cyrillic letters of few words, each taken for a Latin one
LATIN = ("\u0251\u0261\u0131\u0142\u0141\u00f8\u00d8\u0111\u0110\u0127\u0126", "agilLoOdDhH")
LISU = ("\ua4d0\ua4d1\ua4da\ua4d3\ua4f0", "BPCDE")
FINAL = ("\u03c2", "\u03c3")  # sigma at the end of a word
LONGER = {"\u00df": "ss", "\u1e9e": "SS", "\u00e6": "ae", "\u00c6": "AE", "\u0153": "oe", "\u0152": "OE"}
FOLD = str.maketrans(
    {a: b for here, there in (CYRILLIC, GREEK, OLD, LATIN, LISU, FINAL) for a, b in zip(here, there, strict=True)}
    | LONGER
)
# Greek letters that look like one Latin letter in lower case and like another in upper case. In a Greek word they are
# what they are; beside a Latin letter they are taken for what they look like.
LOOKS = str.maketrans("\u03bd\u03c5\u03b7\u03c9\u03b3", "vunwy")
BESIDE_LATIN = re.compile("(?<=[A-Za-z])[\u03bd\u03c5\u03b7\u03c9\u03b3]|[\u03bd\u03c5\u03b7\u03c9\u03b3](?=[A-Za-z])")
