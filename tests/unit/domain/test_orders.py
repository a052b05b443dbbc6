"""Orders by mail: what is one, in which words, and what only looks like one."""

import pytest

from service.domain.letter_box import Addressed, For
from service.domain.order_words import ORDERS
from service.domain.orders import Offered, Order, Wants, folded, is_leaving, order, says_no

HOUSE = Addressed(For.HOUSE)
ARTSAKH, NATIONS = "collection:artsakh", "collection:un-remembrance"
OFFERED = Offered.of(
    {
        ARTSAKH: (
            "Artsakh (Nagorno-Karabakh), 2020 to 2023",
            "Արցախ (Լեռնային Ղարաբաղ), 2020–2023",
            "Арцах",
            "أرتساخ",
        ),
        NATIONS: ("Days of the UN", "Jours de mémoire des Nations Unies", "ימי הזיכרון"),
    }
)
NOTHING = Order(Wants.NOTHING)


def said(subject: str, sender: str = "") -> Order:
    return order(HOUSE, subject, OFFERED, sender)


@pytest.mark.parametrize(
    ("subject", "wants", "language"),
    [
        ("unsubscribe", Wants.UNSUBSCRIBE, "en"),
        ("UNSUBSCRIBE!", Wants.UNSUBSCRIBE, "en"),
        ("Please unsubscribe me, thank you.", Wants.UNSUBSCRIBE, "en"),
        ("Re: Fwd: [External] unsubscribe", Wants.UNSUBSCRIBE, "en"),
        ("unsubscribe from artsakh", Wants.UNSUBSCRIBE, "en"),
        ("unsubscribe now", Wants.UNSUBSCRIBE, "en"),
        ("*** SPAM *** remove me from your list", Wants.UNSUBSCRIBE, "en"),
        ("STOP", Wants.UNSUBSCRIBE, ""),
        ("Отписаться", Wants.UNSUBSCRIBE, "ru"),
        ("Ответ: отпишите меня, пожалуйста", Wants.UNSUBSCRIBE, "ru"),
        ("прошу отписать меня от рассылки", Wants.UNSUBSCRIBE, "ru"),
        ("НАСТРОЙКИ ПОДПИСКИ", Wants.MANAGE, "ru"),
        ("Ապաբաժանորդագրվել", Wants.UNSUBSCRIBE, "hy"),
        ("Ապաբաժանորդագրե՛ք ինձ, խնդրում եմ։", Wants.UNSUBSCRIBE, "hy"),
        ("ՀՐԱԺԱՐՎԵԼ ՆԱՄԱԿՆԵՐԻՑ", Wants.UNSUBSCRIBE, "hy"),
        ("Օգնություն", Wants.HELP, "hy"),
        ("Désabonnement", Wants.UNSUBSCRIBE, "fr"),
        ("TR : se désinscrire", Wants.UNSUBSCRIBE, "fr"),
        ("Désabonnez-moi s’il vous plaît", Wants.UNSUBSCRIBE, "fr"),
        ("desabonnez moi svp", Wants.UNSUBSCRIBE, "fr"),
        ("Gérer mon abonnement", Wants.MANAGE, "fr"),
        ("Aide", Wants.HELP, "fr"),
        ("RV: Darse de baja", Wants.UNSUBSCRIBE, "es"),
        ("BAJA", Wants.UNSUBSCRIBE, "es"),
        ("Cancelar mi suscripcion, por favor", Wants.UNSUBSCRIBE, "es"),
        ("ayuda", Wants.HELP, "es"),
        ("הסר", Wants.UNSUBSCRIBE, "he"),
        ("\u200f השב: נא להסיר\u200e", Wants.UNSUBSCRIBE, "he"),
        ("הָסֵר", Wants.UNSUBSCRIBE, "he"),
        ("הסירו אותי מרשימת התפוצה בבקשה", Wants.UNSUBSCRIBE, "he"),
        ("إلغاء الاشتراك", Wants.UNSUBSCRIBE, "ar"),
        ("الغاء الاشتراك", Wants.UNSUBSCRIBE, "ar"),
        ("رد: إلغـــاء اشتراكي", Wants.UNSUBSCRIBE, "ar"),
        ("إِلْغَاء الِاشْتِرَاك", Wants.UNSUBSCRIBE, "ar"),
        ("مساعدة", Wants.HELP, "ar"),
        ("un\u200bsub\u00adscribe", Wants.UNSUBSCRIBE, "en"),
        ("ｕｎｓｕｂｓｃｒｉｂｅ", Wants.UNSUBSCRIBE, "en"),
        ("préférences", Wants.MANAGE, ""),
        ("Help", Wants.HELP, "en"),
    ],
)
def test_the_words_that_people_write_are_understood(subject, wants, language):
    assert said(subject) == Order(wants, (), language)


@pytest.mark.parametrize(
    ("subject", "targets", "language"),
    [
        ("subscribe artsakh", (ARTSAKH,), "en"),
        ("Re: Subscribe to the collection: Artsakh.", (ARTSAKH,), "en"),
        ("subscribe Artsakh (Nagorno-Karabakh), 2020 to 2023", (ARTSAKH,), "en"),
        ("subscribe un remembrance, artsakh", (NATIONS, ARTSAKH), "en"),
        ("Подписаться на подборку «Арцах»", (ARTSAKH,), "ru"),
        ("Подпишите меня на «Арцах»", (ARTSAKH,), "ru"),
        ("S'abonner aux Jours de mémoire des nations unies", (NATIONS,), "fr"),
        ("suscribirme a artsakh", (ARTSAKH,), "es"),
        ("Բաժանորդագրվել Արցախ (Լեռնային Ղարաբաղ), 2020-2023", (ARTSAKH,), "hy"),
        ("להירשם ימי הזיכרון", (NATIONS,), "he"),
        ("أريد الاشتراك في ارتساخ", (ARTSAKH,), "ar"),
    ],
)
def test_a_collection_is_named_by_its_id_or_by_its_title_in_any_language(subject, targets, language):
    assert said(subject) == Order(Wants.SUBSCRIBE, targets, language)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "   ",
        "Re:",
        "Re: Re: Re:",
        "How do I unsubscribe?",
        "I could not find where to unsubscribe from the letters",
        "unsubscribe does not work",
        "Stop the war",
        "Help me",
        "Help, my grandfather's name is misspelled",
        "Subscription problem with my address",
        "subscribe and save 50 percent today",
        "Re: Four years ago today: the war of 2020",
        "Не могу отписаться",
        "Отписка от должностных лиц",
        "Почему я должен отписываться?",
        "Comment se désabonner ?",
        "Le désabonnement ne marche pas",
        "La baja temporal de un soldado",
        "¿Cómo darse de baja?",
        "Ինչպե՞ս ապաբաժանորդագրվել",
        "איך מסירים אותי",
        "كيف يمكنني إلغاء الاشتراك",
        "reunsubscribe",
        "subscribe other@example.com artsakh",
        "unsubscribe other@example.com and all others",
        "artsakh",
    ],
)
def test_a_sentence_that_holds_such_a_word_is_no_order(subject):
    assert said(subject, "ani@example.org") == NOTHING


def test_ones_own_address_behind_an_order_changes_nothing_and_anothers_makes_it_none():
    assert said("subscribe <Ani@Example.org> artsakh", "ani@example.org") == Order(Wants.SUBSCRIBE, (ARTSAKH,), "en")
    assert said("unsubscribe ani@example.org", "ani@example.org") == Order(Wants.UNSUBSCRIBE, (), "en")
    assert said("subscribe other@example.com", "ani@example.org") == Order(Wants.HELP, (), "en")


def test_what_is_not_known_is_answered_with_help_and_nothing_is_taken_for_something_similar():
    assert said("subscribe artsak") == Order(Wants.HELP, (), "en")
    assert said("subscribe artsakh, nothing") == NOTHING
    assert said("subscribe") == Order(Wants.HELP, (), "en")


def test_an_id_is_always_understood_and_a_title_if_it_means_one_thing():
    twice = Offered.of({"collection:a": ("War",), "collection:b": ("wår", "A"), "collection:c": ("Peace",)})
    assert order(HOUSE, "subscribe war", twice).wants is Wants.HELP
    assert order(HOUSE, "subscribe b", twice).targets == ("collection:b",)
    assert order(HOUSE, "subscribe a", twice).targets == ("collection:a",)
    assert order(HOUSE, "subscribe peace", twice).targets == ("collection:c",)


def test_where_there_is_but_one_collection_it_need_not_be_named():
    one = Offered.of({ARTSAKH: ("Artsakh",)})
    assert order(HOUSE, "Подписаться", one) == Order(Wants.SUBSCRIBE, (ARTSAKH,), "ru")
    assert order(Addressed(For.SUBSCRIBE), "Hello", one).targets == (ARTSAKH,)
    assert order(Addressed(For.SUBSCRIBE), "subscribe artsak", one) == Order(Wants.HELP, (), "en")
    assert order(Addressed(For.SUBSCRIBE, "artsak"), "", one).wants is Wants.HELP


@pytest.mark.parametrize(
    ("addressed", "subject", "wanted"),
    [
        (Addressed(For.SUBSCRIBE, "artsakh"), "", Order(Wants.SUBSCRIBE, (ARTSAKH,))),
        (Addressed(For.SUBSCRIBE, "artsakh+un-remembrance"), "x", Order(Wants.SUBSCRIBE, (ARTSAKH, NATIONS))),
        (Addressed(For.SUBSCRIBE, "artsakh"), "Подписаться", Order(Wants.SUBSCRIBE, (ARTSAKH,), "ru")),
        (Addressed(For.SUBSCRIBE), "Days of the UN", Order(Wants.SUBSCRIBE, (NATIONS,))),
        (Addressed(For.SUBSCRIBE), "s’abonner artsakh", Order(Wants.SUBSCRIBE, (ARTSAKH,), "fr")),
        (Addressed(For.SUBSCRIBE), "I would like letters", Order(Wants.HELP)),
        (Addressed(For.SUBSCRIBE, "artsakh+nothing"), "", Order(Wants.HELP)),
        (Addressed(For.UNSUBSCRIBE), "anything at all", Order(Wants.UNSUBSCRIBE)),
        (Addressed(For.UNSUBSCRIBE), "הסר", Order(Wants.UNSUBSCRIBE, (), "he")),
        (Addressed(For.MANAGE), "", Order(Wants.MANAGE)),
        (Addressed(For.HELP), "unsubscribe", Order(Wants.HELP, (), "en")),
    ],
)
def test_the_address_decides_if_it_says_something(addressed, subject, wanted):
    assert order(addressed, subject, OFFERED) == wanted


@pytest.mark.parametrize("language", ORDERS)
def test_every_order_can_be_given_in_every_language_and_no_word_means_two(language):
    meant: dict[str, Wants] = {}
    for wants, words in ORDERS[language].items():
        assert words.followed or words.alone
        for phrase in (*words.followed, *words.alone):
            assert meant.setdefault(folded(phrase), wants) is wants
            understood = said(phrase).wants
            assert understood is (Wants.HELP if wants is Wants.SUBSCRIBE else wants), phrase
    assert set(ORDERS[language]) == set(Wants) - {Wants.NOTHING}


def test_no_word_means_one_thing_in_one_language_and_another_elsewhere():
    meant: dict[str, Wants] = {}
    for orders in ORDERS.values():
        for wants, words in orders.items():
            for phrase in (*words.followed, *words.alone):
                assert meant.setdefault(folded(phrase), wants) is wants


@pytest.mark.parametrize("subject", ["re:" * 400, "\ufdfa" * 1000, "[" * 1000, "*" * 1000, "subscribe " * 100])
def test_a_hostile_subject_is_no_order(subject):
    assert said(subject).wants is Wants.NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "No, thank you.",
        "I did not ask for this",
        "I didn’t subscribe",
        "Hello, please never write to me again",
        "Это не я",
        "Нет, спасибо.",
        "Я на это не подписывался",
        "Ոչ, շնորհակալություն",
        "Ես դա չեմ խնդրել։",
        "Ce n'est pas moi",
        "Non merci",
        "No he pedido esto",
        "Nunca lo pedí",
        "לא ביקשתי את זה",
        "لم أطلب هذا",
        "STOP",
    ],
)
def test_what_may_be_a_refusal_is_known_by_a_word(text):
    assert says_no(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes, please.",
        "I confirm. Thank you!",
        "Да, подтверждаю",
        "Այո, հաստատում եմ։",
        "Oui, je confirme",
        "Sí, confirmo",
        "כן, תודה",
        "نعم، أؤكد",
        "On Mon, 30 Nov 2026 at 10:00, Remembrancer <remembrancer@news.example.no> wrote:",
        "Le lun. 30 nov. 2026 à 10:00, Remembrancer <letters@example.org> a écrit :",
        "El lun, 30 nov 2026 a las 10:00, Remembrancer (<letters@example.org>) escribió:",
        "пн, 30 нояб. 2026 г. в 10:00, Remembrancer <letters@example.org>:",
        "Չրք, Նոյ 25, 2026, 10:00, Remembrancer <letters@example.org>-ը գրել է՝",
        "\u202bבתאריך יום ב׳, 30 בנוב׳ 2026 ב-10:00 מאת Remembrancer <letters@example.org>:",
        "\u202bفي الاثنين، ٣٠ نوفمبر ٢٠٢٦ في ١٠:٠٠ تمت كتابة ما يلي بواسطة Remembrancer <letters@example.org>:",
        "From: Remembrancer Sent: Monday, November 30, 2026 10:00 AM",
    ],
)
def test_a_yes_and_what_mail_programs_write_above_a_quotation_is_no_refusal(text):
    assert not says_no(text)
    assert not is_leaving(text)


def test_a_text_that_is_an_order_to_leave_as_a_whole_is_one():
    assert is_leaving("Please unsubscribe me.")
    assert is_leaving("Отпишите меня, пожалуйста")
    assert not is_leaving("I cannot unsubscribe")
