//! Which texts the reader of Spark 2 (`SimpleDateFormat`) would have taken: any number of digits, blanks before numbers,
//! anything behind the pattern. Spark 3 fails for those that its own reader does not take.

use super::read::{Fields, is_number, reserved};
use super::{Item, Letter, MONTHS, Pattern};

impl Pattern {
    pub(super) fn legacy_reads(&self, text: &str) -> bool {
        let mut fields = Fields::default();
        let mut rest = text;
        for (index, item) in self.items.iter().enumerate() {
            let next = match item {
                Item::Literal(literal) => rest.strip_prefix(literal.as_str()),
                Item::Field(letter, count) => {
                    legacy_field(*letter, *count, &self.items[index + 1..], rest, &mut fields)
                }
                // It knew no optional sections.
                Item::Open | Item::Close => None,
            };
            match next {
                Some(next) => rest = next,
                None => return false,
            }
        }
        fields.resolve().is_some()
    }
}

fn legacy_field<'t>(
    letter: Letter,
    count: usize,
    following: &[Item],
    text: &'t str,
    fields: &mut Fields,
) -> Option<&'t str> {
    let text = text.trim_start_matches([' ', '\t']);
    match letter {
        Letter::Month if count > 2 => {
            let (index, length) = MONTHS.iter().enumerate().find_map(|(index, name)| {
                [*name, &name[..3]].into_iter().find_map(|name| {
                    text.get(..name.len())
                        .filter(|found| found.eq_ignore_ascii_case(name))
                        .map(|found| (index, found.len()))
                })
            })?;
            fields.month = Some(i64::try_from(index).ok()? + 1);
            return Some(&text[length..]);
        }
        Letter::AmPm => {
            fields.afternoon = Some(match text.get(..2)?.to_ascii_uppercase().as_str() {
                "AM" => false,
                "PM" => true,
                _ => return None,
            });
            return Some(&text[2..]);
        }
        _ => {}
    }
    let available = text.bytes().take_while(u8::is_ascii_digit).count();
    let adjacent = matches!(following.first(), Some(Item::Field(letter, count)) if is_number(*letter, *count) || *letter == Letter::Fraction);
    let length = if adjacent || reserved(following) > 0 { count.min(available) } else { available };
    let value: i64 = text.get(..length)?.parse().ok()?;
    match letter {
        Letter::Year if count == 2 && length == 2 => fields.year = Some(2000 + value),
        Letter::Year => fields.year = Some(value),
        Letter::Month => fields.month = Some(value),
        Letter::Day => fields.day = Some(value),
        Letter::DayOfYear => fields.day_of_year = Some(value),
        Letter::Hour24 => fields.hour = Some(value),
        Letter::HourFrom1Of24 => fields.hour = Some(if value == 24 { 0 } else { value }),
        Letter::Hour12 => fields.hour_of_half = (1..=12).contains(&value).then_some(value % 12),
        Letter::HourFrom0Of12 => fields.hour_of_half = Some(value),
        Letter::Minute => fields.minute = Some(value),
        Letter::Second => fields.second = Some(value),
        Letter::Fraction if value < 1000 => fields.micros = Some(0),
        _ => return None,
    }
    Some(&text[length..])
}
