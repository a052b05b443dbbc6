"""The days that have names, in words: feasts, solar terms, Easter's traditions."""

from service.domain.policies import Meridian, Tradition
from service.rendering.messages import message

FEASTS = {
    "armenian-vardanants": message("on the feast of Vardanants"),
    "armenian-theophany": message("on Theophany in the Armenian Church"),
    "armenian-theophany-merelots": message("on Merelots, the day after Theophany in the Armenian Church"),
    "armenian-easter": message("on Easter in the Armenian Church"),
    "armenian-easter-merelots": message("on Merelots, the day after Easter in the Armenian Church"),
    "armenian-transfiguration": message("on the Transfiguration in the Armenian Church"),
    "armenian-transfiguration-merelots": message(
        "on Merelots, the day after the Transfiguration in the Armenian Church"
    ),
    "armenian-assumption": message("on the Assumption in the Armenian Church"),
    "armenian-assumption-merelots": message("on Merelots, the day after the Assumption in the Armenian Church"),
    "armenian-exaltation": message("on the Exaltation of the Cross in the Armenian Church"),
    "armenian-exaltation-merelots": message(
        "on Merelots, the day after the Exaltation of the Cross in the Armenian Church"
    ),
    "jewish-yom-hashoah": message("on Yom HaShoah"),
    "jewish-yom-hazikaron": message("on Yom HaZikaron"),
    "jewish-yom-haatzmaut": message("on Yom HaAtzmaut"),
    "jewish-yom-yerushalayim": message("on Yom Yerushalayim"),
    "jewish-tisha-bav": message("on the fast of Tisha B'Av"),
    "jewish-fast-of-gedaliah": message("on the Fast of Gedaliah"),
    "jewish-tenth-of-tevet": message("on the fast of the Tenth of Tevet"),
    "jewish-fast-of-esther": message("on the Fast of Esther"),
    "jewish-seventeenth-of-tammuz": message("on the fast of the Seventeenth of Tammuz"),
    "jewish-yizkor-yom-kippur": message("on the day of Yizkor at Yom Kippur"),
    "jewish-yizkor-shemini-atzeret": message("on the day of Yizkor at Shemini Atzeret"),
    "jewish-yizkor-pesach": message("on the day of Yizkor at Pesach, outside Israel"),
    "jewish-yizkor-pesach-israel": message("on the day of Yizkor at Pesach, in Israel"),
    "jewish-yizkor-shavuot": message("on the day of Yizkor at Shavuot, outside Israel"),
    "jewish-yizkor-shavuot-israel": message("on the day of Yizkor at Shavuot, in Israel"),
    "jewish-rosh-hashanah": message("on the first day of Rosh Hashanah"),
    "jewish-yom-kippur": message("on Yom Kippur"),
    "jewish-sukkot": message("on the first day of Sukkot"),
    "jewish-hanukkah": message("on the first day of Hanukkah"),
    "jewish-purim": message("on Purim"),
    "jewish-pesach": message("on the first day of Pesach"),
    "jewish-shavuot": message("on the first day of Shavuot"),
    "orthodox-meatfare-saturday": message("on Meatfare Saturday in the Orthodox Church"),
    "orthodox-second-lenten-saturday": message("on the second Saturday of Lent in the Orthodox Church"),
    "orthodox-third-lenten-saturday": message("on the third Saturday of Lent in the Orthodox Church"),
    "orthodox-fourth-lenten-saturday": message("on the fourth Saturday of Lent in the Orthodox Church"),
    "orthodox-radonitsa": message("on Radonitsa in the Orthodox Church"),
    "orthodox-trinity-saturday": message("on Trinity Saturday in the Orthodox Church"),
    "orthodox-demetrius-saturday": message("on Demetrius Saturday in the Orthodox Church"),
    "orthodox-demetrius-saturday-moscow": message(
        "on Demetrius Saturday in the Orthodox Church, by the usage of Moscow"
    ),
}
TERMS = {
    "xiaohan": message("Xiaohan"),
    "dahan": message("Dahan"),
    "lichun": message("Lichun"),
    "yushui": message("Yushui"),
    "jingzhe": message("Jingzhe"),
    "chunfen": message("Chunfen"),
    "qingming": message("Qingming"),
    "guyu": message("Guyu"),
    "lixia": message("Lixia"),
    "xiaoman": message("Xiaoman"),
    "mangzhong": message("Mangzhong"),
    "xiazhi": message("Xiazhi"),
    "xiaoshu": message("Xiaoshu"),
    "dashu": message("Dashu"),
    "liqiu": message("Liqiu"),
    "chushu": message("Chushu"),
    "bailu": message("Bailu"),
    "qiufen": message("Qiufen"),
    "hanlu": message("Hanlu"),
    "shuangjiang": message("Shuangjiang"),
    "lidong": message("Lidong"),
    "xiaoxue": message("Xiaoxue"),
    "daxue": message("Daxue"),
    "dongzhi": message("Dongzhi"),
}
ON_EASTER = {
    Tradition.WESTERN: message("on Western Easter"),
    Tradition.ORTHODOX: message("on Orthodox Easter"),
    Tradition.ARMENIAN: message("on Easter in the Armenian Church"),
}
BEFORE_EASTER = {
    Tradition.WESTERN: message("{n, plural, one {# day} other {# days}} before Western Easter"),
    Tradition.ORTHODOX: message("{n, plural, one {# day} other {# days}} before Orthodox Easter"),
    Tradition.ARMENIAN: message("{n, plural, one {# day} other {# days}} before Easter in the Armenian Church"),
}
AFTER_EASTER = {
    Tradition.WESTERN: message("{n, plural, one {# day} other {# days}} after Western Easter"),
    Tradition.ORTHODOX: message("{n, plural, one {# day} other {# days}} after Orthodox Easter"),
    Tradition.ARMENIAN: message("{n, plural, one {# day} other {# days}} after Easter in the Armenian Church"),
}
MERIDIANS = {
    Meridian.CHINA: message("by the time of China"),
    Meridian.KOREA: message("by the time of Korea"),
    Meridian.JAPAN: message("by the time of Japan"),
    Meridian.VIETNAM: message("by the time of Vietnam"),
}
