// Prints the Umm al-Qura years 1300 to 1600 AH as the JDK has them.
// Run: java tests/oracles/UmalquraMonths.java > tests/oracles/jdk-islamic-umalqura.txt

import java.time.chrono.HijrahChronology;
import java.time.temporal.ChronoField;

class UmalquraMonths {
    private static final long ORDINAL_OF_1970 = 719_163;

    public static void main(String[] args) {
        String head = "# islamic-umalqura: year, day number of its first day, days of each month (JDK %s; UmalquraMonths.java)";
        System.out.println(head.formatted(System.getProperty("java.version")));
        for (int year = 1300; year <= 1600; year++) {
            var row = new StringBuilder();
            row.append(year).append(' ').append(HijrahChronology.INSTANCE.date(year, 1, 1).toEpochDay() + ORDINAL_OF_1970);
            for (int month = 1; month <= 12; month++) {
                row.append(' ').append(HijrahChronology.INSTANCE.date(year, month, 1).range(ChronoField.DAY_OF_MONTH).getMaximum());
            }
            System.out.println(row);
        }
    }
}
