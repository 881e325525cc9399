"""The places people write about: named in their own language, and as far apart as they are."""

import csv
import subprocess
import sys
import time
from collections import Counter

import pytest

from db import postcodes

BRUSSELS = [
    ("1000", "Bruxelles", "Brussel"),
    ("1030", "Schaerbeek", "Schaarbeek"),
    ("1040", "Etterbeek", "Etterbeek"),
    ("1050", "Ixelles", "Elsene"),
    ("1060", "Saint-Gilles", "Sint-Gillis"),
    ("1070", "Anderlecht", "Anderlecht"),
    ("1080", "Molenbeek-Saint-Jean", "Sint-Jans-Molenbeek"),
    ("1081", "Koekelberg", "Koekelberg"),
    ("1082", "Berchem-Sainte-Agathe", "Sint-Agatha-Berchem"),
    ("1083", "Ganshoren", "Ganshoren"),
    ("1090", "Jette", "Jette"),
    ("1140", "Evere", "Evere"),
    ("1150", "Woluwe-Saint-Pierre", "Sint-Pieters-Woluwe"),
    ("1160", "Auderghem", "Oudergem"),
    ("1170", "Watermael-Boitsfort", "Watermaal-Bosvoorde"),
    ("1180", "Uccle", "Ukkel"),
    ("1190", "Forest", "Vorst"),
    ("1200", "Woluwe-Saint-Lambert", "Sint-Lambrechts-Woluwe"),
    ("1210", "Saint-Josse-ten-Noode", "Sint-Joost-ten-Node"),
]
GERMAN_SPEAKING = [
    ("4700", "Eupen"),
    ("4710", "Lontzen"),
    ("4720", "Kelmis"),
    ("4730", "Raeren"),
    ("4750", "Bütgenbach"),
    ("4760", "Büllingen"),
    ("4770", "Amel"),
    ("4780", "Sankt Vith"),
    ("4790", "Burg-Reuland"),
]
# What people call a place, in whatever language, and the postcode they mean.
WELL_KNOWN = """
    1000 Bruxelles Brussel Brüssel Brussels
    1020 Laeken Laken
    1120 Neder-Over-Heembeek
    1130 Haren
    1300 Wavre Waver
    1348 Louvain-la-Neuve
    1500 Halle Hal
    2000 Antwerpen Anvers Antwerp
    2070 Zwijndrecht Burcht
    2100 Deurne
    2140 Borgerhout
    2170 Merksem
    2180 Ekeren
    2600 Berchem
    2610 Wilrijk
    2660 Hoboken
    2800 Mechelen Malines Mecheln
    3000 Leuven Louvain Löwen
    3001 Heverlee
    3010 Kessel-Lo
    3012 Wilsele
    3080 Tervuren Duisburg
    3300 Tienen Tirlemont
    3500 Hasselt
    3600 Genk
    3700 Tongeren Tongres Tongern Tongeren-Borgloon
    3740 Bilzen Bilzen-Hoeselt
    3790 Voeren Fourons
    3798 's-Gravenvoeren
    3800 Sint-Truiden Saint-Trond
    3850 Nieuwerkerken
    3980 Tessenderlo
    4000 Liège Luik Lüttich
    4020 Outremeuse Bressoux
    4030 Grivegnée
    4031 Angleur
    4032 Chênée
    4040 Herstal
    4100 Seraing
    4420 Saint-Nicolas
    4500 Huy Hoei
    4607 Dalhem
    4700 Eupen
    4720 Kelmis
    4780 Saint-Vith Recht
    4800 Verviers
    4950 Waimes Weismes
    4960 Malmedy
    5000 Namur Namen
    5060 Tamines Auvelais
    5100 Jambes Wépion
    6000 Charleroi
    6001 Marcinelle
    6030 Marchienne-au-Pont
    6040 Jumet
    6060 Gilly
    6600 Bastogne Bastenaken Bastnach
    6700 Arlon Aarlen Arel
    6840 Neufchâteau
    7000 Mons Bergen
    7011 Ghlin
    7012 Jemappes
    7021 Havré
    7100 Trivières
    7500 Tournai Doornik
    7700 Mouscron Moeskroen
    7760 Celles
    7784 Warneton Waasten
    8000 Brugge Bruges Brügge
    8200 Sint-Michiels
    8300 Knokke
    8380 Zeebrugge
    8400 Oostende Ostende Ostend
    8500 Kortrijk Courtrai
    8587 Spiere Helchin
    8900 Ieper Ypres Ypern
    9000 Gent Gand Ghent
    9030 Mariakerke
    9040 Sint-Amandsberg
    9050 Gentbrugge Ledeberg
    9090 Melle
    9100 Sint-Niklaas
    9120 Beveren
    9300 Aalst Alost
    9700 Oudenaarde Audenarde
    9820 Merelbeke Merelbeke-Melle
"""
CAPITALS = "Antwerpen Hasselt Gent Leuven Brugge Wavre Mons Liège Arlon Namur Bruxelles"
MEANT = [(name, line.split()[0]) for line in WELL_KNOWN.strip().splitlines() for name in line.split()[1:]]


def the(postcode: str) -> postcodes.Place:
    place = postcodes.place(postcode)
    assert place is not None
    return place


def lines() -> list[dict[str, str]]:
    with postcodes.TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_ixelles_is_1050_in_french_and_elsene_in_dutch():
    assert the("1050").name("fr") == "Ixelles"
    assert the("1050").name("nl") == "Elsene"
    assert postcodes.names()["ixelles"] == postcodes.names()["elsene"] == postcodes.names()["1050"] == "1050"


@pytest.mark.parametrize(("name", "postcode"), MEANT)
def test_everyone_knows_which_place_is_meant(name, postcode):
    assert postcodes.names()[name.casefold()] == postcode


@pytest.mark.parametrize(("postcode", "french", "dutch"), BRUSSELS)
def test_the_nineteen_communes_of_brussels_have_a_french_and_a_dutch_name(postcode, french, dutch):
    assert (the(postcode).name("fr"), the(postcode).name("nl")) == (french, dutch)
    assert postcodes.names()[french.casefold()] == postcodes.names()[dutch.casefold()] == postcode
    assert the(postcode).languages == ("fr", "nl")


@pytest.mark.parametrize(("postcode", "german"), GERMAN_SPEAKING)
def test_the_nine_municipalities_of_east_belgium_speak_german(postcode, german):
    assert the(postcode).languages == ("de",)
    assert the(postcode).name("de") == german
    assert postcodes.names()[german.casefold()] == postcode


@pytest.mark.parametrize("written", ["sankt vith", "st. vith", "st vith", "saint-vith", "st-vith", "sint-vith"])
def test_sankt_vith_is_found_however_it_is_written(written):
    assert postcodes.names()[written] == "4780"


def test_every_provincial_capital_is_shown_by_its_own_name():
    for name in CAPITALS.split():
        place = the(postcodes.names()[name.casefold()])
        assert place.name(place.languages[0]) == name


def test_a_municipality_is_shown_by_its_name_and_not_by_its_smallest_village():
    assert the("3080").name("nl") == "Tervuren"
    assert the("4607").name("fr") == "Dalhem"
    assert the("9100").name("nl") == "Sint-Niklaas"


def test_a_place_without_a_name_in_a_language_keeps_its_local_one():
    assert the("9050").name("fr") == "Gentbrugge"
    assert the("5100").name("de") == "Jambes"
    assert the("4700").name("en") == "Eupen"


def test_antwerp_has_seven_postcodes_and_its_name_means_the_first():
    assert all(the(postcode).name("fr") == "Anvers" for postcode in ("2000", "2018", "2020", "2060"))
    assert postcodes.names()["antwerpen"] == "2000"


def test_the_bigger_of_two_places_with_one_name_is_meant():
    assert postcodes.names()["celles"] == "7760"
    assert the("5561").name("fr") == "Celles"


def test_a_word_of_every_day_is_no_village():
    for word in ("alle", "arbre", "bande", "bras", "heer", "hour", "lot", "mont", "outer", "werken"):
        assert word not in postcodes.names()


def test_no_one_lives_at_a_postcode_that_does_not_exist():
    assert postcodes.place("9999") is None
    with pytest.raises(KeyError):
        postcodes.nearest("9999", 5)


def test_ixelles_and_saint_gilles_are_two_and_a_half_kilometres_apart():
    assert the("1050").km_to(the("1060")) == pytest.approx(2.5, abs=0.2)
    assert the("1060").km_to(the("1050")) == the("1050").km_to(the("1060"))


def test_ostend_and_arlon_are_far_apart():
    assert the("8400").km_to(the("6700")) == pytest.approx(267, abs=3)


@pytest.mark.parametrize(
    ("village", "town"),
    [("6831", "6830"), ("6834", "6830"), ("6661", "6660"), ("2223", "2222"), ("4821", "4820"), ("1910", "1930")],
)
def test_a_village_lies_near_its_town_and_not_near_its_namesake(village, town):
    assert the(village).km_to(the(town)) < 10


def test_everyone_has_a_neighbouring_postcode_within_ten_kilometres():
    for line in lines():
        assert len(postcodes.nearest(line["postcode"], 10)) > 1, line["postcode"]


def test_sankt_vith_lies_at_the_town_and_not_at_recht():
    town = postcodes.Place("4780", 50.281, 6.127, ("de",), {"de": "Sankt Vith"})
    assert the("4780").km_to(town) < 1


def test_the_nearest_postcode_to_anyone_is_their_own():
    near = postcodes.nearest("1050", 5)
    assert near[0] == (0.0, "1050")
    assert list(near) == sorted(near)
    assert "1060" in {code for _, code in near}
    assert all(km <= 5 for km, _ in near)


def test_all_who_share_a_spot_are_near_with_ones_own_postcode_first():
    near = postcodes.nearest("2030", 0)
    assert near[0] == (0.0, "2030")
    assert {code for _, code in near} == {"2000", "2018", "2020", "2030", "2040", "2050", "2060"}


def test_no_neighbour_is_forgotten_at_the_edge():
    here = the("5000")
    expected = {place["postcode"] for place in lines() if here.km_to(the(place["postcode"])) <= 15}
    assert {code for _, code in postcodes.nearest("5000", 15)} == expected


def test_finding_neighbours_takes_a_few_milliseconds_at_most():
    postcodes.names()
    start = time.perf_counter()
    for postcode in ("1050", "4000", "9000", "6700", "8500"):
        postcodes.nearest(postcode, 9.75)
    assert (time.perf_counter() - start) / 5 < 0.02


def test_the_table_is_read_only_when_someone_asks():
    asked = "import db.postcodes as p; assert p._places.cache_info().currsize == 0; p.names()"
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_the_table_has_each_postcode_once_and_in_order():
    codes = [line["postcode"] for line in lines()]
    assert codes == sorted(set(codes))
    assert len(codes) == 1145
    assert all(len(code) == 4 and code.isdigit() for code in codes)


def test_every_place_lies_in_belgium():
    for line in lines():
        place = the(line["postcode"])
        assert 49.4 <= place.latitude <= 51.6
        assert 2.5 <= place.longitude <= 6.5


def test_every_place_has_a_name_in_the_languages_of_its_region():
    for line in lines():
        place = the(line["postcode"])
        assert set(place.languages) <= {"fr", "nl", "de"}
        assert all(place.names[language] for language in place.languages)


def test_no_name_means_two_postcodes():
    heard = Counter(
        (name.casefold(), line["postcode"])
        for line in lines()
        for language in postcodes.LANGUAGES
        for name in line[language].split("|")
        if name and not name.startswith("(")
    )
    names = Counter(name for name, _ in heard)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) + 1145 == len(postcodes.names())
    assert len(names) > 2800


def test_every_name_can_be_typed_on_a_basic_phone():
    for name in postcodes.names():
        assert all(letter.isalnum() or letter in " -'.," for letter in name), name
        assert name == name.strip()


def test_the_longest_name_is_known_so_that_sentences_can_be_measured():
    assert postcodes.longest_name("nl") == "Beveren-Kruibeke-Zwijndrecht"
    for language in postcodes.LANGUAGES:
        assert len(postcodes.longest_name(language)) <= 30
