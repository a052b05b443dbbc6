"""The words of orders by mail, in every language that letters are written in: a table, and nothing else.

They are written as people write them; what is compared is `orders.folded`, so accents, case, points and marks of
direction do not matter here either. Words that are `followed` may have a name behind them, or one more word; those
that stand `alone` mean something only as the whole subject, since with more behind them they begin other sentences.
"""

from dataclasses import dataclass
from enum import StrEnum


class Wants(StrEnum):
    """What somebody wants who wrote a mail."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    MANAGE = "manage"
    HELP = "help"
    NOTHING = "nothing"  # nothing that is understood


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one order in one language."""

    followed: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


ORDERS: dict[str, dict[Wants, Words]] = {
    "en": {
        Wants.SUBSCRIBE: Words(
            ("subscribe", "subscribe me", "sign up", "sign me up", "i want to subscribe", "i would like to subscribe"),
            ("subscription", "subscribe to the list", "subscribe to this list"),
        ),
        Wants.UNSUBSCRIBE: Words(
            ("unsubscribe", "unsubscribe me", "i want to unsubscribe", "i would like to unsubscribe", "opt out"),
            (
                *("stop", "remove", "remove me", "cancel", "signoff", "sign off", "unsubscription", "take me off"),
                *("cancel subscription", "cancel my subscription", "end my subscription", "stop my subscription"),
                *("unsubscribe from all", "unsubscribe from this list", "unsubscribe from the list"),
                *("unsubscribe me from this list", "unsubscribe me from the list", "unsubscribe my address"),
                *("remove me from this list", "remove me from the list", "remove me from your list"),
                *("take me off this list", "take me off the list", "take me off your list", "stop these letters"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("manage", "manage subscription", "manage my subscription", "change my subscription", "my link"),
                "change what you asked for",
                *("preferences", "settings", "my settings", "my subscription", "my subscriptions", "options"),
            )
        ),
        Wants.HELP: Words(alone=("help", "commands")),
    },
    "hy": {
        Wants.SUBSCRIBE: Words(
            (
                *("բաժանորդագրվել", "բաժանորդագրեք ինձ", "բաժանորդագրեք", "գրանցվել", "գրանցեք ինձ"),
                *("ուզում եմ բաժանորդագրվել", "ցանկանում եմ բաժանորդագրվել"),
            ),
            ("բաժանորդագրություն", "բաժանորդագրում", "գրանցում", "խնդրել հիշեցումներ"),
        ),
        Wants.UNSUBSCRIBE: Words(
            (
                *("ապաբաժանորդագրվել", "ապաբաժանորդագրել", "ապաբաժանորդագրեք", "ապաբաժանորդագրեք ինձ"),
                *("ուզում եմ ապաբաժանորդագրվել", "ցանկանում եմ ապաբաժանորդագրվել"),
            ),
            (
                *("ապաբաժանորդագրում", "ապաբաժանորդագրություն", "հրաժարվել", "հրաժարվում եմ", "հրաժարվել նամակներից"),
                *("հրաժարվել բաժանորդագրությունից", "հրաժարվում եմ բաժանորդագրությունից", "հրաժարվում եմ նամակներից"),
                *("չեղարկել բաժանորդագրությունը", "դադարեցնել բաժանորդագրությունը", "դադարեցնել", "չեղարկել"),
                *("հանեք ինձ ցուցակից", "հանել ցուցակից", "ջնջեք ինձ ցուցակից", "ցանկանում եմ հրաժարվել"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("կառավարել", "կառավարում", "կառավարել բաժանորդագրությունը", "կարգավորումներ", "փոխել հիշեցումները"),
                *("իմ բաժանորդագրությունը", "փոխել բաժանորդագրությունը", "փոփոխել բաժանորդագրությունը"),
            )
        ),
        Wants.HELP: Words(alone=("օգնություն", "հրամաններ")),
    },
    "ru": {
        Wants.SUBSCRIBE: Words(
            (
                *("подписаться", "подписать", "подпишите", "подпишите меня", "подписать меня", "подписываюсь"),
                *("хочу подписаться", "хотел бы подписаться", "хотела бы подписаться"),
            ),
            ("подписка", "подписаться на рассылку", "оформить подписку", "получать напоминания", "podpisatsya"),
        ),
        Wants.UNSUBSCRIBE: Words(
            ("отписаться", "отписать", "отпишите", "отпишите меня", "отписать меня", "отписываюсь", "хочу отписаться"),
            (
                *("отписка", "отписаться от рассылки", "хочу отписаться от рассылки", "отпишите меня от рассылки"),
                *("отписать меня от рассылки", "отказаться", "отказаться от рассылки", "отказаться от подписки"),
                *("отказ от рассылки", "отказ от подписки", "отменить подписку", "отмена подписки", "стоп"),
                *("прекратить подписку", "прекратить рассылку", "прекратите рассылку", "остановить рассылку"),
                *("удалите меня из рассылки", "удалить меня из рассылки", "исключите меня из рассылки", "otpisatsya"),
                *("уберите меня из рассылки", "удалите мой адрес", "удалите мой адрес из рассылки", "otpiska"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("управление", "управление подпиской", "управлять подпиской", "изменить подписку", "моя подписка"),
                *("настройки", "настройки подписки", "мои настройки", "мои подписки"),
            )
        ),
        Wants.HELP: Words(alone=("помощь", "справка", "команды")),
    },
    "fr": {
        Wants.SUBSCRIBE: Words(
            (
                *("s'abonner", "sabonner", "m'abonner", "abonner", "abonnez-moi", "je m'abonne", "s'inscrire"),
                *("m'inscrire", "inscrivez-moi", "je souhaite m'abonner", "je veux m'abonner", "je voudrais m'abonner"),
                *("je souhaite m'inscrire", "je veux m'inscrire", "je voudrais m'inscrire"),
            ),
            ("abonnement", "inscription", "demander des rappels"),
        ),
        Wants.UNSUBSCRIBE: Words(
            (
                *("se désabonner", "me désabonner", "désabonner", "désabonnez-moi", "je me désabonne", "désabonne-moi"),
                *("se désinscrire", "me désinscrire", "désinscrire", "désinscrivez-moi", "je souhaite me désabonner"),
                *("je veux me désabonner", "je voudrais me désabonner", "je souhaite me désinscrire"),
                *("je veux me désinscrire", "je voudrais me désinscrire"),
            ),
            (
                *("désabonnement", "désinscription", "résiliation", "résilier", "résilier mon abonnement", "arrêter"),
                "stop",
                *("résilier l'abonnement", "annuler mon abonnement", "annuler l'abonnement", "fin d'abonnement"),
                *("arrêter mon abonnement", "se désabonner de la liste", "me désabonner de la liste"),
                *("retirez-moi de la liste", "retirez-moi de cette liste", "supprimez-moi de la liste"),
                *("retirez-moi de votre liste", "me désinscrire de la liste", "se désinscrire de la liste"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("gérer", "gérer mon abonnement", "gérer l'abonnement", "gestion", "modifier mon abonnement"),
                *("mon abonnement", "mes abonnements", "préférences", "paramètres", "mes préférences", "réglages"),
                "modifier vos choix",
            )
        ),
        Wants.HELP: Words(alone=("aide",)),
    },
    "es": {
        Wants.SUBSCRIBE: Words(
            (
                *("suscribirse", "suscribirme", "suscribir", "suscríbeme", "suscríbame", "suscríbanme"),
                *("quiero suscribirme", "deseo suscribirme", "quisiera suscribirme", "darme de alta", "darse de alta"),
                *("dar de alta", "quiero darme de alta", "deseo darme de alta", "inscribirme", "inscribirse"),
            ),
            ("suscripción", "alta", "inscripción", "pedir recordatorios"),
        ),
        Wants.UNSUBSCRIBE: Words(
            (
                *("darse de baja", "darme de baja", "dar de baja", "dame de baja", "deme de baja", "denme de baja"),
                *("quiero darme de baja", "deseo darme de baja", "quisiera darme de baja", "desuscribirme"),
                *("desuscribir", "desuscribirse", "desuscríbeme", "desuscríbanme"),
            ),
            (
                *(
                    "stop",
                    "baja",
                    "dar de baja mi suscripción",
                    "desuscripción",
                    "solicito la baja",
                    "solicitud de baja",
                ),
                *("cancelar", "cancelar suscripción", "cancelar la suscripción", "cancelar mi suscripción"),
                *("anular suscripción", "anular la suscripción", "anular mi suscripción", "baja de la lista"),
                *("darme de baja de la lista", "darse de baja de la lista", "quiero darme de baja de la lista"),
                *("bórrenme de la lista", "borrarme de la lista", "quitarme de la lista", "elimínenme de la lista"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("gestionar", "gestionar suscripción", "gestionar la suscripción", "gestionar mi suscripción"),
                *("mi suscripción", "mis suscripciones", "cambiar mi suscripción", "preferencias", "mis preferencias"),
                *("ajustes", "configuración", "cambiar lo que pidió"),
            )
        ),
        Wants.HELP: Words(alone=("ayuda", "comandos")),
    },
    "he": {
        Wants.SUBSCRIBE: Words(
            (
                *("הרשם", "הירשם", "הירשמו", "להירשם", "להרשם", "רשמו אותי", "תרשמו אותי", "רשום אותי"),
                *("אני רוצה להירשם", "אני מבקש להירשם", "אני מבקשת להירשם", "ברצוני להירשם"),
            ),
            ("הרשמה", "רישום", "מינוי", "לבקש תזכורת"),
        ),
        Wants.UNSUBSCRIBE: Words(
            (
                *("הסר", "הסירו", "להסיר", "הסר אותי", "הסירו אותי", "תסירו אותי", "להסיר אותי", "הסרה"),
                *("ביטול הרשמה", "לבטל הרשמה", "בטל הרשמה", "בטלו הרשמה"),
            ),
            (
                *("להסרה", "לעזוב", "ביטול", "ביטול מנוי", "ביטול מינוי", "ביטול רישום", "ביטול המינוי"),
                *("לבטל מנוי", "לבטל מינוי", "לבטל את המינוי", "בטלו את המינוי", "בטל את המינוי"),
                *("לבטל את ההרשמה", "בטלו את ההרשמה"),
                *("הסרה מרשימת התפוצה", "הסר מרשימת התפוצה", "הסירו אותי מרשימת התפוצה", "הסרה מהרשימה"),
                *("הסר אותי מהרשימה", "הסירו אותי מהרשימה", "להסיר אותי מהרשימה", "להסיר אותי מרשימת התפוצה"),
                *("אני רוצה לבטל את המינוי", "אני רוצה לבטל את ההרשמה", "הפסק", "להפסיק"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("ניהול", "ניהול מנוי", "ניהול מינוי", "ניהול המינוי", "ניהול הרשמה", "ההרשמה שלי", "המינוי שלי"),
                *("הגדרות", "העדפות", "לשנות את מה שביקשתי", "לשנות את מה שביקשת"),
            )
        ),
        Wants.HELP: Words(alone=("עזרה", "פקודות")),
    },
    "ar": {
        Wants.SUBSCRIBE: Words(
            (
                *("اشتراك", "الاشتراك", "اشترك", "اشتركني", "سجلني", "سجلوني", "أشترك"),
                *("أريد الاشتراك", "أرغب في الاشتراك", "أود الاشتراك", "اريد ان اشترك"),
            ),
            ("تسجيل", "التسجيل", "طلب التذكير", "طلب اشتراك"),
        ),
        Wants.UNSUBSCRIBE: Words(
            (
                *("إلغاء الاشتراك", "إلغاء اشتراك", "ألغ الاشتراك", "ألغوا الاشتراك", "أريد إلغاء الاشتراك"),
                *("أرغب في إلغاء الاشتراك", "أود إلغاء الاشتراك", "ألغي الاشتراك"),
            ),
            (
                *("إلغاء اشتراكي", "ألغوا اشتراكي", "ألغ اشتراكي", "ألغي اشتراكي", "أريد إلغاء اشتراكي", "إلغاء"),
                *("أرغب في إلغاء اشتراكي", "إنهاء الاشتراك", "إيقاف الاشتراك", "إيقاف", "طلب إلغاء الاشتراك"),
                *("إلغاء الاشتراك من القائمة", "احذفوني من القائمة", "احذفني من القائمة", "إزالة من القائمة"),
                *("أزيلوني من القائمة", "إلغاء التسجيل", "توقف"),
            ),
        ),
        Wants.MANAGE: Words(
            alone=(
                *("إدارة", "إدارة الاشتراك", "إدارة اشتراكي", "تغيير الاشتراك", "تغيير اشتراكي", "اشتراكي"),
                *("إعدادات", "الإعدادات", "تفضيلات", "التفضيلات", "تغيير ما طلبته"),
            )
        ),
        Wants.HELP: Words(alone=("مساعدة", "المساعدة", "تعليمات")),
    },
}

# What may stand before and behind an order and changes nothing.
POLITE = (
    *("please", "pls", "plz", "kindly", "thanks", "thank you", "խնդրում եմ", "խնդրում ենք", "շնորհակալություն"),
    *("пожалуйста", "пожалуйста прошу", "прошу", "прошу вас", "спасибо", "s'il vous plaît", "svp", "stp", "merci"),
    *("por favor", "porfavor", "gracias", "בבקשה", "נא", "אנא", "תודה", "من فضلك", "من فضلكم", "رجاء", "الرجاء"),
    *("يرجى", "لو سمحت", "لو سمحتم", "شكرا"),
)

# What may stand between an order and the name of what it is about.
BETWEEN = (
    *("to", "from", "the", "collection", "list", "на", "от", "из", "с", "коллекцию", "коллекции", "рассылку"),
    *("à", "a", "au", "aux", "de", "du", "des", "la", "le", "les", "liste", "al", "del", "el", "las", "los", "en"),
    *("lista", "colección", "ל", "אל", "מ", "מן", "في", "من", "إلى", "على", "عن", "مجموعة", "المجموعة"),
    *("подборку", "подборки", "recueil", "אוסף", "האוסף", "ժողովածու", "ժողովածուն"),
)

# What mail programs write before the subject of an answer, or of what is passed on.
BEFORE = (
    *("re", "fw", "fwd", "aw", "wg", "antw", "sv", "vs", "vb", "ref", "rif", "res", "enc", "odp", "pd", "ynt", "ilt"),
    *("r", "i", "απ", "σχετ", "πρθ", "vá", "відп", "bls", "réf", "rép"),
    *("tr", "rv", "ответ", "отв", "ha", "пересл", "пересылка", "переслано", "պատ", "պատասխան", "փոխ", "փոխանցված"),
    *("תשובה", "השב", "הועבר", "העברה", "رد", "الرد", "إعادة توجيه", "محول", "回复", "答复", "转发", "回覆", "轉寄"),
)

# Words of which one is in nearly every refusal; apostrophes part words, so that "didn't" has two.
REFUSALS = (
    *("no", "not", "never", "nobody", "nothing", "don", "dont", "didn", "didnt", "haven", "won", "without", "wrong"),
    *("stop", "spam", "unsubscribe", "remove", "delete", "cancel", "mistake", "error", "who"),
    *("ոչ", "չեմ", "չենք", "չեք", "չես", "չէ", "չէի", "չի", "մի", "երբեք", "սխալ", "սպամ", "դադարեցրեք"),
    *("не", "нет", "ни", "никогда", "ничего", "без", "ошибка", "ошибке", "спам", "отписаться", "отпишите", "хватит"),
    *("ne", "n", "non", "pas", "jamais", "aucun", "aucune", "rien", "sans", "erreur", "arrêtez", "désabonner"),
    *("nunca", "jamás", "nada", "ni", "sin", "error", "baja", "tampoco", "basta"),
    *("לא", "אין", "אינני", "איני", "מעולם", "בלי", "טעות", "ספאם", "הסר", "הסירו", "די"),
    *("لا", "لم", "لن", "ليس", "لست", "أبدا", "بدون", "خطأ", "إلغاء", "ألغ", "توقف", "توقفوا"),
)
