"""First names that pupils of French-speaking schools often have, without accents: what tells a list of a class from other lists.

Written from general knowledge of who goes to school in France, the Maghreb and West and Central Africa; no register was copied.
"""

from __future__ import annotations

FIRST_NAMES = frozenset(
    # A literal with quotes would be eight pages long.
    """
    abdou abdoulaye adam adama adele adrien agathe agnes ahmed aicha aissatou alain alassane albert alex alexandra alexandre
    alexia alexis ali alice alicia alima alix aliya alya amadou amandine amara ambre ambroise amelie amina aminata amine amir
    anais andre andrea ange angele angelina anna anne anouk anthony antoine antonin apolline aria arnaud arthur assia astou
    astrid auguste aurelie aurelien aurore awa axel axelle aya ayoub aziz bakary baptiste basile bastien beatrice benjamin
    benoit bernard bilal binta blanche boubacar bruno camille candice capucine carla carole caroline cedric celeste celia
    celine chaima charles charlie charline charlotte cheikh chiara chloe christian christine christophe claire clara clarisse
    claude clea clemence clement cleo clotilde colin come constance corentin cyril cyrine dalia damien daniel daouda daphne
    david denis diane diego dina djibril dylan eden edgar edith edouard elena eleonore elias eliott elisa elise eliza ella
    elliot elodie eloise elsa elyna emeline emile emilie emilien emma emmanuel emmanuelle emmy enora enzo eric erwan esteban
    estelle esther ethan etienne eugenie eva evan eve fabien fabrice fanny fanta farah fatima fatou fatoumata felix fiona
    flavie fleur flora florent florian francis franck francois frederic gabin gabriel gabrielle gaelle gaetan gaspard
    gauthier georges gerard gilles giulia grace gregoire guillaume gustave habib hadja hafsa hamza hana hanna hassan hela
    helene henri hicham hippolyte hortense hugo ibrahim ibrahima idriss ilan ilyana ilyes imane imran inaya ines ingrid irene
    iris isaac isabelle isaure ismael ismail issa ivan jacques jade jana jean jeanne jennifer jeremie jeremy jerome jessica
    joachim joanna joris joseph josephine joshua jules julia julian julie julien juliette justin justine kadiatou kadidia
    karim kenza kevin khadija khady kylian lamine lana lara laura laure laurent layla lea leandre leila lena leo leon leonie
    leopold lia liam lila lilia lilou lily lina line lino lisa lise lison livia loan loane lola lorenzo lou louane louis
    louisa louise louna luc luca lucas lucie lucien lucile ludovic luka luna lya lydia lyna mael maelle maelys maeva magalie
    mahamadou mai maiwenn malak malick malo mamadou mamady manel manon marc marcel margaux margot maria mariam mariama
    mariame marie marin marina marine marion marius marlon marouane martha martin martine marwa maryam mateo mathias mathieu
    mathilde mathis mathys matteo matthieu maxence maxime maya mehdi melanie melina melissa merwan mia michael michel mila
    milo mina mohamed moussa myriam nabil nadia nael naim nassim nathan nathanael nelson nicolas nina nino ninon noa noah
    noam noe noel noemi noemie nolan nora norah nour oceane olivia olivier omar orlane oscar oumar oumou ousmane owen pablo
    pascal patrick paul paula pauline philippe pierre quentin rachel rachid rafael rania raphael raphaelle rayan rebecca remi
    remy rene robin romain romane romeo rose roxane ruben sabrina sacha safia salif salima salimata salma salome samba sami
    samir samira samuel samy sana sandra sara sarah sasha sebastien selma serena seydou sidi simon sira sixtine soan sofia
    sofiane solene soline sophia sophie soraya souleymane stella stephane stephanie suzanne swann sylvain syrine tanguy tea
    teo tess thais thea theo theodore thierno thomas tiago tidiane tim timeo timothe timothee titouan tom tommy tristan ugo
    valentin valentina valentine valerie vera vianney victoire victor victoria vincent violette virginie walid wassim wendy
    william xavier yacine yael yanis yann yasmine yassine yohan youssef yusuf yvan yves zakaria zeinab zelie zineb zoe zohra
    """.split()  # noqa: SIM905
)
