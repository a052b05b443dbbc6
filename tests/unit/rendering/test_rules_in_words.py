"""What a rule says, in English and in Armenian, for every kind of rule and every key."""

from typing import Any

import pytest

from service.domain.calendars import CALENDARS
from service.domain.feasts import FEASTS
from service.domain.policies import Meridian, Observed, Tradition
from service.domain.solar_terms import TERMS
from service.rendering import named_days, reckoned
from service.rendering.rules_in_words import rule_words
from tests.builders import an_event
from tests.unit.rendering.letters import LANGUAGES

WAR = {"first_day": "2020-09-27", "last_day": "2020-11-09"}

# event, rule, English, Armenian
SAID: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    (
        {},
        {"kind": "yearly"},
        "Every year on 27 September.",
        "Ամեն տարի՝ սեպտեմբերի 27-ին։",
    ),
    (
        WAR,
        {"kind": "yearly", "anchor": "last_day"},
        "Every year on the last day, 9 November.",
        "Ամեն տարի՝ վերջին օրը, նոյեմբերի 9-ին։",
    ),
    (
        WAR,
        {"kind": "yearly", "anchor": "every_day"},
        "Each day from 27 September to 9 November, every year.",
        "Ամեն տարի՝ սեպտեմբերի 27-ից մինչև նոյեմբերի 9-ը, յուրաքանչյուր օր։",
    ),
    (
        {"first_day": "2020-02-29"},
        {"kind": "yearly"},
        "Every year on 29 February. In a year that lacks the day, on the last day of that month.",
        "Ամեն տարի՝ փետրվարի 29-ին։ Այն տարի, երբ այդ օրը չկա, նշվում է ամսի վերջին օրը։",
    ),
    (
        {"first_day": "2020-02-29"},
        {"kind": "yearly", "missing_day": "skip", "only": {"every": 4}},
        "Every year on 29 February. In a year that lacks the day, not at all. Only every 4th year.",
        ("Ամեն տարի՝ փետրվարի 29-ին։ Այն տարի, երբ այդ օրը չկա, չի նշվում։ Միայն յուրաքանչյուր 4-րդ տարին։"),
    ),
    (
        {"first_day": "2020-09"},
        {"kind": "yearly"},
        "Every year in September. Only the month is known; its first day stands for it.",
        "Ամեն տարի՝ այս ամսին. սեպտեմբեր։ Հայտնի է միայն ամիսը. նշվում է դրա առաջին օրը։",
    ),
    (
        {"first_day": "2020-09", "last_day": "2020-11"},
        {"kind": "yearly", "anchor": "last_day"},
        "Every year in November. Only the month is known; its first day stands for it.",
        "Ամեն տարի՝ այս ամսին. նոյեմբեր։ Հայտնի է միայն ամիսը. նշվում է դրա առաջին օրը։",
    ),
    (
        {"first_day": "5700-07", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew"},
        (
            "Every year in Tishri of the Hebrew calendar. It begins at sunset on the evening before. Only"
            " the month is known; its first day stands for it."
        ),
        (
            "Ամեն տարի՝ այս ամսին. հրեական օրացույցով թիշրի։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։ "
            "Հայտնի է միայն ամիսը. նշվում է դրա առաջին օրը։"
        ),
    ),
    (
        {"first_day": "2020-09", "calendar": "chinese"},
        {"kind": "yearly", "calendar": "chinese"},
        ("Every year in the 9th month of the Chinese calendar. Only the month is known; its first day stands for it."),
        ("Ամեն տարի՝ այս ամսին. չինական օրացույցով 9-րդ ամիս։ Հայտնի է միայն ամիսը. նշվում է դրա առաջին օրը։"),
    ),
    (
        {"first_day": "2020"},
        {"kind": "yearly"},
        "Only the year is known, so no day is kept.",
        "Հայտնի է միայն տարին, ուստի ոչ մի օր չի նշվում։",
    ),
    (
        {"first_day": "5700-09-30", "calendar": "hebrew", "after_sunset": True},
        {"kind": "yearly", "calendar": "hebrew"},
        (
            "Every year on 30 Kislev of the Hebrew calendar, as a yahrzeit. In a year that lacks the day,"
            " on the first of the next month, since the first year after the death had it. It begins at "
            "sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով քիսլևի 30-ին՝ որպես յարցայթ։ Այն տարի, երբ այդ օրը չկա, նշվում"
            " է հաջորդ ամսի 1-ին, քանի որ մահվան հաջորդ տարում այդ օրը կար։ Սկսվում է նախորդ երեկոյան՝ "
            "մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5776-08-30", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew"},
        (
            "Every year on 30 Cheshvan of the Hebrew calendar, as a yahrzeit. In a year that lacks the "
            "day, on the 29th, as in the first year after the death. It begins at sunset on the evening "
            "before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով խեշվանի 30-ին՝ որպես յարցայթ։ Այն տարի, երբ այդ օրը չկա, "
            "նշվում է ամսի 29-ին, ինչպես մահվան հաջորդ տարում։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5774-12-30", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew"},
        (
            "Every year on 30 Adar I of the Hebrew calendar, as a yahrzeit. In a year with one month of "
            "Adar, on 30 Shevat. It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով ադար I-ի 30-ին՝ որպես յարցայթ։ Մեկ ադար ունեցող տարում՝ շվատի "
            "30-ին։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5774-12-05", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew"},
        (
            "Every year on 5 Adar I of the Hebrew calendar, as a yahrzeit. In a year with one month of "
            "Adar, in that. It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով ադար I-ի 5-ին՝ որպես յարցայթ։ Մեկ ադար ունեցող տարում՝ այդ "
            "ամսին։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5773-12-05", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew", "adar": "both"},
        (
            "Every year on 5 Adar of the Hebrew calendar, as a yahrzeit. In a year with two months of "
            "Adar, in both. It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով ադարի 5-ին՝ որպես յարցայթ։ Երկու ադար ունեցող տարում՝ երկու "
            "ամիսներին էլ։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5774-13-05", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew"},
        (
            "Every year on 5 Adar II of the Hebrew calendar, as a yahrzeit. In a year with one month of "
            "Adar, in that. It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով ադար II-ի 5-ին՝ որպես յարցայթ։ Մեկ ադար ունեցող տարում՝ այդ "
            "ամսին։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5773-12-05", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew", "custom": "anniversary"},
        (
            "Every year on 5 Adar of the Hebrew calendar. In a year with two months of Adar, in the "
            "second. It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով ադարի 5-ին։ Երկու ադար ունեցող տարում՝ երկրորդ ադարին։ Սկսվում"
            " է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {"first_day": "5776-08-30", "calendar": "hebrew"},
        {"kind": "yearly", "calendar": "hebrew", "custom": "anniversary", "missing_day": "skip"},
        (
            "Every year on 30 Cheshvan of the Hebrew calendar. In a year that lacks the day, not at all. "
            "It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ հրեական օրացույցով խեշվանի 30-ին։ Այն տարի, երբ այդ օրը չկա, չի նշվում։ Սկսվում է"
            " նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "calendar": "hebrew"},
        ("Every year on 9 Tishri of the Hebrew calendar, as a yahrzeit. It begins at sunset on the evening before."),
        ("Ամեն տարի՝ հրեական օրացույցով թիշրիի 9-ին՝ որպես յարցայթ։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"),
    ),
    (
        {},
        {"kind": "yearly", "calendar": "julian", "reading": "nominal"},
        (
            "Every year on 27 September of the Julian calendar. Day and month are taken as they were "
            "written down, and not converted."
        ),
        (
            "Ամեն տարի՝ հուլյան օրացույցով սեպտեմբերի 27-ին։ Օրն ու ամիսը վերցված են այնպես, ինչպես գրված"
            " են, առանց փոխարկելու։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "calendar": "islamic-umalqura"},
        ("Every year on 10 Safar of the Umm al-Qura calendar. It begins at sunset on the evening before."),
        "Ամեն տարի՝ Ում ալ-Կուրա օրացույցով սաֆարի 10-ին։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։",
    ),
    (
        {"first_day": "1445-12-10", "calendar": "islamic-civil"},
        {"kind": "yearly", "calendar": "islamic-civil"},
        ("Every year on 10 Dhu al-Hijja of the civil Islamic calendar. It begins at sunset on the evening before."),
        ("Ամեն տարի՝ քաղաքացիական իսլամական օրացույցով զուլ-հիջջայի 10-ին։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"),
    ),
    (
        {"first_day": "1445-02-30", "calendar": "islamic-umalqura"},
        {"kind": "yearly", "calendar": "islamic-umalqura", "table": "kacst", "missing_day": "next"},
        (
            "Every year on 30 Safar of the Umm al-Qura calendar computed by KACST. In a year that lacks "
            "the day, on the day after. It begins at sunset on the evening before."
        ),
        (
            "Ամեն տարի՝ KACST-ի հաշվարկած Ում ալ-Կուրա օրացույցով սաֆարի 30-ին։ Այն տարի, երբ այդ օրը "
            "չկա, նշվում է հաջորդ օրը։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "calendar": "persian"},
        "Every year on 6 Mehr of the Persian calendar.",
        "Ամեն տարի՝ պարսկական օրացույցով մեհրի 6-ին։",
    ),
    (
        {},
        {"kind": "yearly", "calendar": "coptic"},
        "Every year on 17 Thout of the Coptic calendar.",
        "Ամեն տարի՝ ղպտական օրացույցով թութի 17-ին։",
    ),
    (
        {},
        {"kind": "yearly", "calendar": "ethiopic"},
        "Every year on 17 Meskerem of the Ethiopian calendar.",
        "Ամեն տարի՝ եթովպական օրացույցով մեսկերեմի 17-ին։",
    ),
    (
        {},
        {"kind": "yearly", "calendar": "armenian"},
        "Every year on 8 Sahmi of the old Armenian calendar.",
        "Ամեն տարի՝ հին հայկական օրացույցով սահմիի 8-ին։",
    ),
    (
        {"first_day": "2017-06L-30", "calendar": "chinese"},
        {"kind": "yearly", "calendar": "chinese", "leap_month": "prefer_leap"},
        (
            "Every year on the 30th day of the leap 6th month of the Chinese calendar. In a year that "
            "lacks the day, on the last day of that month. In a year without that leap month, in the "
            "regular month of the same number."
        ),
        (
            "Ամեն տարի՝ չինական օրացույցով հավելյալ 6-րդ ամսի 30-ին։ Այն տարի, երբ այդ օրը չկա, նշվում է "
            "ամսի վերջին օրը։ Այն տարի, երբ այդ հավելյալ ամիսը չկա, նշվում է նույն թվի սովորական ամսին։"
        ),
    ),
    (
        {"first_day": "2020-04L-08", "calendar": "chinese"},
        {"kind": "yearly", "calendar": "chinese", "leap_month": "both"},
        (
            "Every year on the 8th day of the leap 4th month of the Chinese calendar. In a year that has "
            "that month twice, in both."
        ),
        (
            "Ամեն տարի՝ չինական օրացույցով հավելյալ 4-րդ ամսի 8-ին։ Այն տարի, երբ այդ ամիսը կրկնվում է, "
            "նշվում է երկուսին էլ։"
        ),
    ),
    (
        {"first_day": "2020-09-09", "calendar": "chinese"},
        {"kind": "yearly", "calendar": "chinese"},
        "Every year on the 9th day of the 9th month of the Chinese calendar.",
        "Ամեն տարի՝ չինական օրացույցով 9-րդ ամսի 9-ին։",
    ),
    (
        WAR,
        {"kind": "yearly", "calendar": "persian", "anchor": "every_day"},
        "Each day from 6 Mehr to 19 Aban of the Persian calendar, every year.",
        "Ամեն տարի՝ պարսկական օրացույցով մեհրի 6-ից մինչև աբանի 19-ը, յուրաքանչյուր օր։",
    ),
    (
        {},
        {"kind": "day-count", "days": 40},
        "The 40th day, the day itself counted as the first.",
        "40-րդ օրը՝ հենց այդ օրը հաշվելով որպես առաջին։",
    ),
    (
        {},
        {"kind": "day-count", "days": 101, "count": "exclusive"},
        "The 101st day after, the day itself not counted.",
        "Դրանից հետո 101-րդ օրը՝ հենց այդ օրը չհաշվելով։",
    ),
    (
        {},
        {"kind": "month-count", "months": 6},
        "Six months after.",
        "Վեց ամիս անց։",
    ),
    (
        {"first_day": "2023-01-31"},
        {"kind": "month-count", "months": 1, "missing_day": "overflow"},
        ("One month after. If that month lacks the day, the days beyond its end are counted on into the next."),
        "Մեկ ամիս անց։ Եթե այդ ամիսը նման օր չունի, պակասող օրերը հաշվվում են հաջորդ ամսից։",
    ),
    (
        {},
        {"kind": "month-count", "months": 1, "calendar": "hebrew"},
        "One month after by the Hebrew calendar. It begins at sunset on the evening before.",
        "Հրեական օրացույցով մեկ ամիս անց։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։",
    ),
    (
        {},
        {"kind": "weekday", "month": 11, "weekday": "SU", "n": 3},
        "Every year on the third Sunday of November.",
        "Ամեն տարի՝ նոյեմբերի երրորդ կիրակի օրը։",
    ),
    (
        {},
        {"kind": "weekday", "month": 11, "weekday": "FR", "n": -5},
        ("Every year on the fifth last Friday of November. Nothing in a year in which that month has only four."),
        ("Ամեն տարի՝ նոյեմբերի վերջից հինգերորդ ուրբաթ օրը։ Այն տարի, երբ այդ ամսին դրանք միայն չորսն են, չի նշվում։"),
    ),
    (
        {},
        {"kind": "weekday", "month": 5, "weekday": "MO", "n": -1},
        "Every year on the last Monday of May.",
        "Ամեն տարի՝ մայիսի վերջին երկուշաբթի օրը։",
    ),
    (
        {},
        {"kind": "weekday-near", "month_day": "08-15", "weekday": "SU", "mode": "nearest"},
        "Every year on the Sunday nearest 15 August.",
        "Ամեն տարի՝ օգոստոսի 15-ին ամենամոտ կիրակի օրը։",
    ),
    (
        {},
        {"kind": "weekday-near", "month_day": "08-15", "weekday": "SU", "mode": "before"},
        "Every year on the Sunday before 15 August.",
        "Ամեն տարի՝ օգոստոսի 15-ին նախորդող կիրակի օրը։",
    ),
    (
        {},
        {"kind": "weekday-near", "month_day": "08-15", "weekday": "SU", "mode": "after"},
        "Every year on the Sunday after 15 August.",
        "Ամեն տարի՝ օգոստոսի 15-ին հաջորդող կիրակի օրը։",
    ),
    (
        {},
        {"kind": "weekday-near", "month_day": "08-15", "weekday": "SU", "mode": "on_or_before"},
        "Every year on 15 August if it is a Sunday, otherwise on the Sunday before.",
        "Ամեն տարի՝ օգոստոսի 15-ին, եթե կիրակի է, այլապես նախորդող կիրակի օրը։",
    ),
    (
        {},
        {"kind": "weekday-near", "month_day": "08-15", "weekday": "SU", "mode": "on_or_after"},
        "Every year on 15 August if it is a Sunday, otherwise on the Sunday after.",
        "Ամեն տարի՝ օգոստոսի 15-ին, եթե կիրակի է, այլապես հաջորդող կիրակի օրը։",
    ),
    (
        {},
        {"kind": "easter"},
        "Every year on Western Easter.",
        "Ամեն տարի՝ արևմտյան Զատկի օրը։",
    ),
    (
        {},
        {"kind": "easter", "tradition": "orthodox", "offset": 9},
        "Every year 9 days after Orthodox Easter.",
        "Ամեն տարի՝ ուղղափառ Զատկից 9 օր հետո։",
    ),
    (
        {},
        {"kind": "easter", "tradition": "armenian", "offset": -1},
        "Every year 1 day before Easter in the Armenian Church.",
        "Ամեն տարի՝ Հայ եկեղեցու Զատկից 1 օր առաջ։",
    ),
    (
        {},
        {"kind": "feast", "name": "jewish-tisha-bav"},
        "Every year on the fast of Tisha B'Av. It begins at sunset on the evening before.",
        "Ամեն տարի՝ Տիշա բե-Ավի ծոմի օրը։ Սկսվում է նախորդ երեկոյան՝ մայրամուտին։",
    ),
    (
        {},
        {"kind": "feast", "name": "armenian-easter-merelots"},
        "Every year on Merelots, the day after Easter in the Armenian Church.",
        "Ամեն տարի՝ Հայ եկեղեցու մեռելոցին՝ Զատկի հաջորդ օրը։",
    ),
    (
        {},
        {"kind": "solar-term", "term": "qingming"},
        (
            "Every year on Qingming, the day on which the sun reaches 15 degrees of celestial longitude, "
            "by the time of China."
        ),
        ("Ամեն տարի՝ Ցինմին օրը, երբ Արեգակը հասնում է 15 աստիճան երկնային երկայնության, Չինաստանի ժամանակով։"),
    ),
    (
        {},
        {"kind": "nenki"},
        (
            "The Buddhist memorials of the years 1, 3, 7, 13, 17, 23, 27, 33 and 50, counted as in Japan:"
            " the first a year after the death, each later one with the death as the first."
        ),
        (
            "Բուդդայական հիշատակի տարիները՝ 1, 3, 7, 13, 17, 23, 27, 33 և 50. հաշվվում են ինչպես "
            "Ճապոնիայում՝ առաջինը մահից մեկ տարի անց, հաջորդները՝ մահը հաշվելով որպես առաջին։"
        ),
    ),
    (
        {},
        {"kind": "nenki", "days": [7, 49, 100], "numbers": [3], "counting": "kansai"},
        (
            "The Buddhist days of mourning 7, 49 and 100, counted as in Japan with the day of the death "
            "as the first. Each is kept on its eve, as in Kansai. The Buddhist memorial of the year 3, "
            "counted as in Japan: the first a year after the death, each later one with the death as the "
            "first."
        ),
        (
            "Բուդդայական սգո օրերը՝ 7, 49 և 100. հաշվվում են ինչպես Ճապոնիայում՝ մահվան օրը որպես առաջին։"
            " Յուրաքանչյուրը նշվում է նախորդ օրը, ինչպես Կանսայում։ Բուդդայական հիշատակի տարին՝ 3. "
            "հաշվվում են ինչպես Ճապոնիայում՝ առաջինը մահից մեկ տարի անց, հաջորդները՝ մահը հաշվելով որպես "
            "առաջին։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "only": {"every": 25, "numbers": [1, 10]}, "from_number": 2, "until": "2050-12-31"},
        (
            "Every year on 27 September. Only every 25th year, and after 1 and 10 years. From 2022 on. "
            "Until 31 December 2050."
        ),
        (
            "Ամեն տարի՝ սեպտեմբերի 27-ին։ Միայն յուրաքանչյուր 25-րդ տարին, ինչպես նաև 1 և 10 տարի անց։ "
            "Սկսած 2022 թվականից։ Մինչև 2050 թ. դեկտեմբերի 31-ը։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "only": {"numbers": [1]}},
        "Every year on 27 September. Only after 1 year.",
        "Ամեն տարի՝ սեպտեմբերի 27-ին։ Միայն 1 տարի անց։",
    ),
    (
        {},
        {"kind": "nenki", "only": {"numbers": [1, 3]}, "from_number": 2},
        (
            "The Buddhist memorials of the years 1, 3, 7, 13, 17, 23, 27, 33 and 50, counted as in Japan:"
            " the first a year after the death, each later one with the death as the first. Only what has"
            " one of these numbers: 1 and 3. Only from number 2 on."
        ),
        (
            "Բուդդայական հիշատակի տարիները՝ 1, 3, 7, 13, 17, 23, 27, 33 և 50. հաշվվում են ինչպես "
            "Ճապոնիայում՝ առաջինը մահից մեկ տարի անց, հաջորդները՝ մահը հաշվելով որպես առաջին։ Միայն այս "
            "թվերը՝ 1 և 3։ Միայն սկսած 2 թվից։"
        ),
    ),
    (
        {},
        {"kind": "nenki", "only": {"every": 7}},
        (
            "The Buddhist memorials of the years 1, 3, 7, 13, 17, 23, 27, 33 and 50, counted as in Japan:"
            " the first a year after the death, each later one with the death as the first. Only what has"
            " a number that can be divided by 7."
        ),
        (
            "Բուդդայական հիշատակի տարիները՝ 1, 3, 7, 13, 17, 23, 27, 33 և 50. հաշվվում են ինչպես "
            "Ճապոնիայում՝ առաջինը մահից մեկ տարի անց, հաջորդները՝ մահը հաշվելով որպես առաջին։ Միայն այն, "
            "ինչի թիվը բաժանվում է 7-ի։"
        ),
    ),
    (
        {},
        {"kind": "nenki", "only": {"every": 7, "numbers": [1, 3]}},
        (
            "The Buddhist memorials of the years 1, 3, 7, 13, 17, 23, 27, 33 and 50, counted as in Japan:"
            " the first a year after the death, each later one with the death as the first. Only what has"
            " a number that can be divided by 7, or one of these: 1 and 3."
        ),
        (
            "Բուդդայական հիշատակի տարիները՝ 1, 3, 7, 13, 17, 23, 27, 33 և 50. հաշվվում են ինչպես "
            "Ճապոնիայում՝ առաջինը մահից մեկ տարի անց, հաջորդները՝ մահը հաշվելով որպես առաջին։ Միայն այն, "
            "ինչի թիվը բաժանվում է 7-ի կամ այս թվերից է՝ 1 և 3։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "observed": "nearest_weekday"},
        (
            "Every year on 27 September. If it falls on a Saturday, it is kept on the Friday before; if "
            "on a Sunday, on the Monday after."
        ),
        (
            "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե շաբաթ օր է, նշվում է նախորդ ուրբաթ օրը, եթե կիրակի է՝ "
            "հաջորդ երկուշաբթի օրը։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "observed": "next_monday"},
        ("Every year on 27 September. If it falls on a Saturday or a Sunday, it is kept on the Monday after."),
        "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե շաբաթ կամ կիրակի օր է, նշվում է հաջորդ երկուշաբթի օրը։",
    ),
    (
        {},
        {"kind": "yearly", "observed": "previous_friday"},
        ("Every year on 27 September. If it falls on a Saturday or a Sunday, it is kept on the Friday before."),
        "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե շաբաթ կամ կիրակի օր է, նշվում է նախորդ ուրբաթ օրը։",
    ),
    (
        {},
        {"kind": "yearly", "observed": "nearest_sunday"},
        "Every year on 27 September. Moved to the nearest Sunday.",
        "Ամեն տարի՝ սեպտեմբերի 27-ին։ Տեղափոխվում է ամենամոտ կիրակի օրը։",
    ),
    (
        {},
        {"kind": "yearly", "observed": "sunday_on_or_before"},
        "Every year on 27 September. Moved to the Sunday before, unless it falls on a Sunday.",
        "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե կիրակի չէ, տեղափոխվում է նախորդ կիրակի օրը։",
    ),
    (
        {},
        {"kind": "yearly", "observed": "sunday_on_or_after"},
        "Every year on 27 September. Moved to the Sunday after, unless it falls on a Sunday.",
        "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե կիրակի չէ, տեղափոխվում է հաջորդ կիրակի օրը։",
    ),
    (
        {},
        {"kind": "yearly", "observed": "next_working_day", "holidays": "US-CA"},
        (
            "Every year on 27 September. If it does not fall on a working day, it is kept on the next "
            "one. Holidays are those of this country: United States (CA)."
        ),
        (
            "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե աշխատանքային օր չէ, նշվում է հաջորդ աշխատանքային օրը։ Հաշվի"
            " են առնվում այս երկրի ոչ աշխատանքային օրերը՝ Միացյալ Նահանգներ (CA)։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "observed": "previous_working_day"},
        (
            "Every year on 27 September. If it does not fall on a working day, it is kept on the last one"
            " before. No holidays count but weekends."
        ),
        (
            "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե աշխատանքային օր չէ, նշվում է նախորդ աշխատանքային օրը։ Որպես"
            " ոչ աշխատանքային օր հաշվի են առնվում միայն շաբաթն ու կիրակին։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "observed": "previous_working_day", "holidays": ["2024-01-01"]},
        (
            "Every year on 27 September. If it does not fall on a working day, it is kept on the last one"
            " before. Holidays are those of a list of its own."
        ),
        (
            "Ամեն տարի՝ սեպտեմբերի 27-ին։ Եթե աշխատանքային օր չէ, նշվում է նախորդ աշխատանքային օրը։ Ոչ "
            "աշխատանքային օրերը տրված են առանձին ցանկով։"
        ),
    ),
    (
        {},
        {"kind": "yearly", "calendar": "persian", "from_number": 3},
        "Every year on 6 Mehr of the Persian calendar. From the 3rd year on.",
        "Ամեն տարի՝ պարսկական օրացույցով մեհրի 6-ին։ Սկսած 3-րդ տարուց։",
    ),
    (
        {"first_day": "1868-05-30"},
        {"kind": "weekday", "month": 5, "weekday": "MO", "n": -1, "from_number": 103},
        "Every year on the last Monday of May. From 1971 on.",
        "Ամեն տարի՝ մայիսի վերջին երկուշաբթի օրը։ Սկսած 1971 թվականից։",
    ),
]


@pytest.mark.parametrize(("event", "rule", "english", "armenian"), SAID)
def test_a_rule_says_itself(event: dict[str, Any], rule: dict[str, Any], english: str, armenian: str) -> None:
    told = an_event(**event, rules=[rule])
    assert rule_words(told, told.rules[0], LANGUAGES.of("en")) == english
    assert rule_words(told, told.rules[0], LANGUAGES.of("hy")) == armenian


def test_a_calendar_that_does_not_reach_the_event_is_told() -> None:
    told = an_event(first_day="1700-01-01", rules=[{"kind": "yearly", "calendar": "chinese"}])
    said = rule_words(told, told.rules[0], LANGUAGES.of("en"))
    assert said == "The tables of its calendar do not reach this event, so no day is kept."


def test_every_name_has_words() -> None:
    assert set(named_days.FEASTS) == set(FEASTS)
    assert set(named_days.TERMS) == set(TERMS)
    assert set(named_days.MERIDIANS) == set(Meridian)
    for words in (named_days.ON_EASTER, named_days.BEFORE_EASTER, named_days.AFTER_EASTER):
        assert set(words) == set(Tradition)
    assert set(reckoned.CALENDARS) == set(CALENDARS)


def test_every_month_of_a_calendar_has_a_name() -> None:
    for name, months in reckoned.MONTHS.items():
        year = {"hebrew": 5784, "persian": 1400}.get(name, 1440)
        assert len(months) == max(CALENDARS[name].months_of(year))


@pytest.mark.parametrize("policy", [policy for policy in Observed if policy is not Observed.NONE])
def test_every_policy_that_moves_a_day_is_told(policy: Observed) -> None:
    told = an_event(rules=[{"kind": "yearly", "observed": policy.value}])
    assert rule_words(told, told.rules[0], LANGUAGES.of("en")) != "Every year on 27 September."
