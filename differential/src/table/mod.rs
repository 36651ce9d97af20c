//! Random small tables: several files and versions, files without a later column, empty tables, dictionaries, many nulls, the
//! same names of columns in all of them.

mod write;

use serde_json::{Value, json};

pub use self::write::write;
use crate::random::Random;
use crate::statement::Type;

/// What statements can name of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumns {
    /// Its name.
    pub name: String,
    /// Names and types of its columns.
    pub columns: Vec<(String, Type)>,
    /// How many rows it has.
    pub rows: usize,
}

/// A table with its rows. Values are null, booleans, integers (of decimals and doubles the count of halves), texts, days, and
/// pairs of structs.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name and columns.
    pub columns: TableColumns,
    /// Rows, file by file; a file has the first so many columns.
    pub files: Vec<File>,
}

/// Rows of a file.
#[derive(Debug, Clone)]
pub struct File {
    /// How many columns it has; the others were added later.
    pub width: usize,
    /// Whether texts are stored as dictionaries.
    pub dictionary: bool,
    /// The rows, as wide as the table.
    pub rows: Vec<Vec<Value>>,
}

/// The table before the last has at least so many files.
const MANY_FILES: usize = 9;

const OPTIONAL: [(&str, Type); 8] = [
    ("x", Type::Long),
    ("d", Type::Decimal),
    ("f", Type::Double),
    ("b", Type::Bool),
    ("t", Type::Date),
    ("r", Type::Struct),
    ("name", Type::Text),
    ("late", Type::Int),
];

/// The tables of a seed; one of them is empty.
#[must_use]
pub fn tables(seed: u64) -> Vec<Table> {
    let mut random = Random::new(seed, 2);
    (1..=5).map(|number| table(number, &mut random)).collect()
}

fn table(number: usize, random: &mut Random) -> Table {
    let mut columns =
        vec![("k".to_owned(), Type::Int), ("v".to_owned(), Type::Int), ("s".to_owned(), Type::Text)];
    for (name, data_type) in OPTIONAL {
        if random.percent(55) {
            columns.push((name.to_owned(), data_type));
        }
    }
    // What is learnt of the first files of many is told the readers of the last.
    let files = match number {
        5 => 0,
        4 => MANY_FILES + random.below(4),
        _ => 1 + random.below(4),
    };
    let files = (0..files).map(|index| {
        // A table of many files has mostly got its last column later than its first rows.
        let lacks = if index < MANY_FILES / 2 && files >= MANY_FILES { 75 } else { 30 };
        let width = if random.percent(lacks) { 3.max(columns.len() - 1) } else { columns.len() };
        // Files that hold few of the values are those that statistics leave out.
        let narrow: Vec<Option<usize>> =
            columns.iter().map(|_| random.percent(40).then(|| random.below(4))).collect();
        let rows = (0..random.below(6)).map(|_| {
            let row = columns.iter().enumerate().map(|(index, (_, data_type))| match narrow[index] {
                _ if index >= width => Value::Null,
                _ if random.percent(25) => Value::Null,
                Some(least) => value(*data_type, least + random.below(2), random),
                None => value(*data_type, random.below(5), random),
            });
            row.collect()
        });
        let rows = rows.collect();
        File { width, dictionary: random.percent(30), rows }
    });
    let files: Vec<File> = files.collect();
    let rows = files.iter().map(|file| file.rows.len()).sum();
    Table { columns: TableColumns { name: format!("t{number}"), columns, rows }, files }
}

/// The value `n` of five.
fn value(data_type: Type, n: usize, random: &mut Random) -> Value {
    match data_type {
        Type::Int | Type::Long | Type::Date => json!(n),
        Type::Text => json!(["", "a", "ab", "b", "c"][n]),
        Type::Decimal | Type::Double => json!(2 * n + 1),
        Type::Bool => json!(n.is_multiple_of(2)),
        Type::Struct => {
            let mut part = |data_type| {
                let n = random.below(5);
                if random.percent(25) { Value::Null } else { value(data_type, n, random) }
            };
            json!([part(Type::Int), part(Type::Text)])
        }
    }
}
