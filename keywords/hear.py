"""Stand-in."""

from collections.abc import Mapping

from keywords.meanings import Heard, Intent, Need, Question

KEY = {
    "aide": ("request", "fr"),
    "hulp": ("request", "nl"),
    "hilfe": ("request", "de"),
    "help": ("request", "en"),
    "benevole": ("join", "fr"),
    "vrijwilliger": ("join", "nl"),
    "freiwillig": ("join", "de"),
    "volunteer": ("join", "en"),
    "oui": ("yes", "fr"),
    "ja": ("yes", None),
    "yes": ("yes", "en"),
    "non": ("no", "fr"),
    "nee": ("no", "nl"),
    "nein": ("no", "de"),
    "no": ("no", "en"),
    "stop": ("stop", None),
    "start": ("start", None),
    "annuler": ("cancel", "fr"),
    "annuleren": ("cancel", "nl"),
    "merci": ("thanks", "fr"),
    "liste": ("list", "fr"),
    "pause": ("pause", "fr"),
    "effacer": ("forget", "fr"),
    "info": ("info", None),
}
NEED = {"courses": "shopping", "boodschappen": "shopping", "apotheke": "pharmacy", "pharmacie": "pharmacy"}


class Listener:
    def __init__(self, places: Mapping[str, str]):
        self.places = places

    def hear(self, text: str, open: Question | None = None, language: str | None = None) -> Heard:
        w = text.lower().replace("é", "e").split()
        if not w:
            return Heard(Intent.UNKNOWN)
        pc = next((self.places[x] for x in w if x in self.places), None)
        k = KEY.get(w[0].strip(".!"))
        if k is None:
            return Heard(Intent.POSTCODE, postcode=pc) if pc and len(w) == 1 else Heard(Intent.UNKNOWN)
        need = next((Need(NEED[x]) for x in w if x in NEED), None)
        rest = [x for x in text.split()[1:] if x not in self.places]
        name = rest[0].title() if k[0] == "join" and rest else None
        return Heard(Intent(k[0]), k[1], pc, need, name, (), " ".join(rest) if k[0] in ("request", "list") else "")
