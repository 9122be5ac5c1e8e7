"""The words of a quiz page, in the languages of our pages; a lesson in another language gets English ones."""

from __future__ import annotations

WORDS = {
    "en": {
        "question": "Question {number}", "check": "Check", "again": "Try again", "right": "Right.", "partly": "Partly right.",
        "wrong": "Not yet.", "empty": "Answer first.", "score": "{right} right out of {all}", "several": "Several answers may be right.",
        "true": "True", "false": "False", "answer": "Your answer", "number": "Your answer, a number", "choose": "Choose …",
        "answers": "Answers", "free": "Your own words; your teacher reads them.", "to": "to",
    },
    "fr": {
        "question": "Question {number}", "check": "Vérifier", "again": "Recommencer", "right": "Juste.", "partly": "En partie juste.",
        "wrong": "Pas encore.", "empty": "Réponds d’abord.", "score": "{right} juste(s) sur {all}",
        "several": "Plusieurs réponses peuvent être justes.", "true": "Vrai", "false": "Faux", "answer": "Ta réponse",
        "number": "Ta réponse, un nombre", "choose": "Choisis…", "answers": "Réponses",
        "free": "Avec tes mots ; ton professeur les lira.", "to": "à",
    },
    "es": {
        "question": "Pregunta {number}", "check": "Comprobar", "again": "Empezar de nuevo", "right": "Correcto.",
        "partly": "Correcto en parte.", "wrong": "Todavía no.", "empty": "Responde primero.", "score": "Correctas: {right} de {all}",
        "several": "Puede haber varias respuestas correctas.", "true": "Verdadero", "false": "Falso", "answer": "Tu respuesta",
        "number": "Tu respuesta, un número", "choose": "Elige…", "answers": "Respuestas",
        "free": "Con tus palabras; las leerá tu docente.", "to": "a",
    },
    "pt": {
        "question": "Pergunta {number}", "check": "Verificar", "again": "Recomeçar", "right": "Certo.", "partly": "Certo em parte.",
        "wrong": "Ainda não.", "empty": "Falta responder.", "score": "Certas: {right} de {all}",
        "several": "Várias respostas podem estar certas.", "true": "Verdadeiro", "false": "Falso", "answer": "Resposta",
        "number": "Resposta, um número", "choose": "Escolher…", "answers": "Respostas",
        "free": "Por palavras próprias; o professor vai lê-las.", "to": "a",
    },
    "ar": {
        "question": "السؤال {number}", "check": "تحقّق", "again": "ابدأ من جديد", "right": "صحيح.", "partly": "صحيح جزئيًا.",
        "wrong": "ليس بعد.", "empty": "أجب أولًا.", "score": "الإجابات الصحيحة: {right} من {all}",
        "several": "قد تصحّ أكثر من إجابة.", "true": "صواب", "false": "خطأ", "answer": "إجابتك", "number": "إجابتك، عدد",
        "choose": "اختر…", "answers": "الإجابات", "free": "بكلماتك؛ سيقرؤها معلّمك.", "to": "إلى",
    },
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """The words for a lesson in *language*, such as ``fr-CA``."""
    return WORDS.get(language.partition("-")[0].lower(), WORDS["en"])
