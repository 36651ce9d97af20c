//! Names of the files of a log.

use object_store::path::Path;

/// Folder of the log below a table's folder.
pub(crate) const FOLDER: &str = "_delta_log";

/// Name of the hint at the last checkpoint.
pub(crate) const HINT: &str = "_last_checkpoint";

/// What the name of a file in a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// The entry of a version.
    Entry(u64),
    /// A checkpoint of a version, or a part of one.
    Checkpoint(u64, Form),
    /// A number with another count of digits than an entry has; the number, where it is one of 64 bits. Spark takes it for an
    /// entry.
    Misnamed(Option<u64>),
    /// Nothing that a log is read from.
    Other,
}

/// How a checkpoint is stored; of two of one version the greater one counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// One file.
    Classic,
    /// One of several files.
    Part {
        /// How many there are.
        parts: u64,
        /// Which one, from 1.
        part: u64,
    },
    /// One file whose name is unique, which may name others.
    Unique(String),
}

/// Path of the entry of `version` below the table's folder.
pub(crate) fn entry_path(version: u64) -> Path {
    Path::from(format!("{FOLDER}/{version:020}.json"))
}

/// Reads the name of a file that stands directly in a log's folder.
///
/// - **Source:** Delta protocol, "Delta Log Entries" and "Checkpoints"
pub(crate) fn classify(name: &str) -> Name {
    let Some((number, rest)) = name.split_once('.') else { return Name::Other };
    if !is_number(number) {
        return Name::Other;
    }
    // Spark counts in 63 bits.
    let counted = |number: &str| number.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
    let version = (number.len() == 20).then(|| counted(number)).flatten();
    if rest == "json" {
        return version.map_or_else(|| Name::Misnamed(number.parse().ok()), Name::Entry);
    }
    let Some((version, rest)) = version.zip(rest.strip_prefix("checkpoint.")) else { return Name::Other };
    let form = match rest.split('.').collect::<Vec<_>>().as_slice() {
        ["parquet"] => Some(Form::Classic),
        [id, "parquet" | "json"] if id.len() == 36 => Some(Form::Unique(rest.to_owned())),
        [part, parts, "parquet"] if is_part(part) && is_part(parts) => {
            let numbers = part.parse().ok().zip(parts.parse().ok());
            let is_one = |(part, parts): &(u64, u64)| (1..=*parts).contains(part);
            numbers.filter(is_one).map(|(part, parts)| Form::Part { part, parts })
        }
        _ => None,
    };
    form.map_or(Name::Other, |form| Name::Checkpoint(version, form))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_part(text: &str) -> bool {
    text.len() == 10 && is_number(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_protocol_and_no_others() {
        let id = "80a083e8-7026-4e79-81be-64bd76c43a11";
        for (name, expected) in [
            ("00000000000000000007.json", Name::Entry(7)),
            ("00000000000000000007.checkpoint.parquet", Name::Checkpoint(7, Form::Classic)),
            (
                "00000000000000000007.checkpoint.0000000001.0000000002.parquet",
                Name::Checkpoint(7, Form::Part { part: 1, parts: 2 }),
            ),
            ("7.json", Name::Misnamed(Some(7))),
            ("000000000000000000007.json", Name::Misnamed(Some(7))),
            ("99999999999999999999.json", Name::Misnamed(None)),
            ("00000000000000000007.crc", Name::Other),
            ("00000000000000000007.json.tmp", Name::Other),
            (".00000000000000000007.json.crc", Name::Other),
            ("00000000000000000007.00000000000000000009.compacted.json", Name::Other),
            ("00000000000000000007.checkpoint.1.2.parquet", Name::Other),
            ("_last_checkpoint", Name::Other),
        ] {
            assert_eq!(classify(name), expected, "{name}");
        }
        let unique = format!("00000000000000000007.checkpoint.{id}.json");
        assert_eq!(classify(&unique), Name::Checkpoint(7, Form::Unique(format!("{id}.json"))));
        let staged = format!("00000000000000000007.{id}.json");
        assert_eq!(classify(&staged), Name::Other);
    }
}
