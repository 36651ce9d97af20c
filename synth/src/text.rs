//! Invented names and places, and what people do to texts.

use crate::catalogue::Case;

pub(crate) const FIRST_NAMES: [&str; 24] = [
    "Ada",
    "Bengt",
    "Chloé",
    "Dóra",
    "Emeka",
    "Fatima",
    "Gül",
    "Håkon",
    "Inés",
    "Jürgen",
    "Kōji",
    "Łucja",
    "Mary Jane",
    "Noah",
    "Olha",
    "Анна",
    "Ruairí",
    "Søren",
    "Thị Hoa",
    "Uwe",
    "美咲",
    "محمود",
    "Zoë",
    "Anne-Marie",
];

pub(crate) const LAST_NAMES: [&str; 24] = [
    "O'Hara",
    "Müller",
    "D’Amico",
    "Lindqvist",
    "García López",
    "van den Berg",
    "Wójcik",
    "Ødegård",
    "Yıldız",
    "Сидоренко",
    "山本",
    "陈",
    "Baker, Jr.",
    "St. Clair",
    "Brown",
    "Núñez-Vidal",
    "Ng",
    "Haddad",
    "Ferreira",
    "Čapek",
    "MacLeod",
    "Groß",
    "Sharma",
    "Kim",
];

/// Street, whose number stands in a column of its own too.
pub(crate) const STREETS: [&str; 10] = [
    "Mill Lane",
    "Lindenstraße",
    "Rue de l’Abbaye",
    "Calle Ancha",
    "Oak Ave, Apt \"C\"",
    "Station Road",
    "Ågatan",
    "銀座通り",
    "Harbour Sq.",
    "O'Malley Rd",
];

/// City, state, county, country.
pub(crate) const CITIES: [(&str, &str, &str, &str); 8] = [
    ("Portland", "OR", "Multnomah", "USA"),
    ("Columbus", "OH", "Franklin", "USA"),
    ("Köln", "NW", "", "DEU"),
    ("Genève", "GE", "", "CHE"),
    ("Nîmes", "OCC", "Gard", "FRA"),
    ("Leeds", "", "West Yorkshire", "GBR"),
    ("Curitiba", "PR", "", "BRA"),
    ("大阪", "", "", "JPN"),
];

pub(crate) const GOODS: [&str; 12] = [
    "Kettle",
    "Brot",
    "Crème",
    "Thé vert",
    "Seife",
    "Lantern",
    "Stool",
    "Tricycle",
    "Boot",
    "抹茶",
    "Bücherregal",
    "Jersey",
];

pub(crate) const ADJECTIVES: [&str; 10] =
    ["Plain", "Große", "Petite", "Blue", "Old", "Fair-trade", "Light", "3-in-1", "Winter", "Kids’"];

pub(crate) const PROGRAMS: [&str; 5] =
    ["Gold circle", "Silver “circle”", "Staff", "Frühlingsaktion", "Friends' and family, 2024"];

/// `text` as somebody typed it.
pub(crate) fn typed(text: &str, case: Option<Case>) -> String {
    match case {
        Some(Case::TextLeadingBlanks) => format!("  {text}"),
        Some(Case::TextTrailingBlank) => format!("{text} "),
        Some(Case::TextEmoji) => format!("{text} 🧺"),
        // In the middle if there is one.
        Some(Case::TextNewline) if text.contains(' ') => text.replacen(' ', "\n", 1),
        Some(Case::TextNewline) => format!("{text}\n"),
        Some(Case::TextQuotes) => format!("\"{text}\""),
        Some(Case::TextBackslash) => format!("{text}, \\ c/o\tShop"),
        Some(Case::TextUpperCase) => text.to_uppercase(),
        Some(Case::TextEmpty) => String::new(),
        _ => text.to_owned(),
    }
}

/// The first characters of `text`, as a shorter column keeps them.
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// Letters in the other case.
pub(crate) fn other_case(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}
