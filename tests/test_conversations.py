"""Conversations as on the phone, through the real door."""

from tests.town import Town


def test_a_senior_asks_a_neighbour_says_yes_and_both_get_each_others_number(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté: courses, 1050 Ixelles
        bram  < Un voisin a besoin d'aide: courses, 1050 Ixelles
        bram  > OUI
        bram  < Nous demandons l'accord
        amina < Bonne nouvelle
        amina > OUI
        amina < Bram va vous aider. Son numéro: 0470 12 34 01
        amina < Ne confiez jamais une carte bancaire
        bram  < 0470 12 34 00
        bram  < Ne confiez jamais
    """)
