"""A few cases in each of the other languages that are scored."""

from processors.checks.case import Case, minimum, moves, same

# By language: good, bad, and neutral texts; bad by negation, good by it; bad by sarcasm.
_TEXTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "es": (
        ("Me encanta este hotel, volveremos seguro.", "Qué servicio tan maravilloso, gracias."),
        ("Una vergüenza, nadie responde al teléfono.", "El peor vuelo de mi vida."),
        ("La reunión es el jueves a las tres.", "¿A qué hora abre la tienda?"),
        ("No me gusta nada la nueva aplicación.",),
        ("No puedo estar más contenta con mi compra.",),
        ("Genial, otra vez sin internet. Justo lo que necesitaba.",),
    ),
    "fr": (
        ("J'adore cet endroit, on reviendra.", "Un accueil formidable, merci à toute l'équipe !"),
        ("Une honte, personne ne répond au téléphone.", "Le pire vol de ma vie."),
        ("La réunion aura lieu jeudi à 15 heures.", "À quelle heure ouvre le magasin ?"),
        ("Je n'aime pas du tout la nouvelle application.",),
        ("Je ne pourrais pas être plus heureuse de mon achat.",),
        ("Super, encore un train annulé. Exactement ce qu'il me fallait.",),
    ),
    "de": (
        ("Ich liebe dieses Hotel, wir kommen wieder.", "Wunderbarer Service, vielen Dank!"),
        ("Eine Frechheit, niemand geht ans Telefon.", "Der schlimmste Flug meines Lebens."),
        ("Die Sitzung ist am Donnerstag um 15 Uhr.", "Wann öffnet der Laden?"),
        ("Die neue App gefällt mir überhaupt nicht.",),
        ("Ich könnte mit dem Kauf nicht zufriedener sein.",),
        ("Na toll, schon wieder kein Internet. Genau das hat mir gefehlt.",),
    ),
    "pt": (
        ("Adoro este hotel, vamos voltar com certeza.", "Atendimento maravilhoso, muito obrigada!"),
        ("Uma vergonha, ninguém atende o telefone.", "O pior voo da minha vida."),
        ("A reunião é na quinta-feira às 15 horas.", "A que horas abre a loja?"),
        ("Não gosto nada do novo aplicativo.",),
        ("Não podia estar mais feliz com a minha compra.",),
        ("Que ótimo, sem internet de novo. Era só o que me faltava.",),
    ),
    "it": (
        ("Adoro questo albergo, torneremo di sicuro.", "Servizio meraviglioso, grazie mille!"),
        ("Una vergogna, nessuno risponde al telefono.", "Il peggior volo della mia vita."),
        ("La riunione è giovedì alle 15.", "A che ora apre il negozio?"),
        ("La nuova app non mi piace per niente.",),
        ("Non potrei essere più felice del mio acquisto.",),
        ("Fantastico, di nuovo senza internet. Proprio quello che ci voleva.",),
    ),
    "ar": (
        ("أحب هذا الفندق كثيرا وسنعود بالتأكيد", "خدمة رائعة، شكرا جزيلا لكم"),
        ("عيب عليكم، لا أحد يرد على الهاتف", "أسوأ رحلة في حياتي"),
        ("الاجتماع يوم الخميس الساعة الثالثة", "متى يفتح المتجر؟"),
        ("لا يعجبني التطبيق الجديد أبدا",),
        ("لا يمكن أن أكون أسعد بهذا الشراء",),
        ("رائع، انقطع الإنترنت مرة أخرى، هذا ما كان ينقصني",),
    ),
    "hi": (
        ("मुझे यह होटल बहुत पसंद है, हम फिर आएंगे।", "बहुत शानदार सेवा, धन्यवाद!"),
        ("शर्म की बात है, कोई फोन नहीं उठाता।", "मेरी ज़िंदगी की सबसे खराब उड़ान।"),
        ("बैठक गुरुवार को तीन बजे है।", "दुकान कितने बजे खुलती है?"),
        ("मुझे नया ऐप बिल्कुल पसंद नहीं है।",),
        ("मैं अपनी खरीदारी से इससे ज़्यादा खुश नहीं हो सकता।",),
        ("वाह, फिर से इंटरनेट बंद। बस इसी की कमी थी।",),
    ),
}
_CHECKS = (
    ("vocabulary", "+"),
    ("vocabulary", "-"),
    ("facts", "0"),
    ("negation", "-"),
    ("negation", "+"),
    ("sarcasm", "-"),
)


def cases() -> list[Case]:
    """Return the cases of this module."""
    found: list[Case] = []
    for language, groups in _TEXTS.items():
        for (capability, labels), texts in zip(_CHECKS, groups, strict=True):
            found += minimum(capability, labels, texts, language=language)
        bad, fact = groups[1][0], groups[2][0]
        found += same("form", [(bad, f"@acme {bad} https://t.co/a1b2c3")], language=language)
        found += moves("emoji", "negative", [(fact, f"{fact} 😡😡")], by=0.1, language=language)
    return found
