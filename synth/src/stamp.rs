//! What every record has beside its own columns: ids, versions, times, whether it is deleted.

use crate::catalogue::Case;
use crate::time::SECOND;

/// One row of one record.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) recid: i64,
    /// Counts the rows of one record, the oldest first.
    pub(crate) version: i64,
    /// Null on most rows that are not deleted, as the export leaves it.
    pub(crate) deleted: Option<bool>,
    /// Whether nothing but the columns of the link is left, which is how Dataverse writes a deletion.
    pub(crate) hollow: bool,
    pub(crate) company: Option<&'static str>,
    pub(crate) created_at: Option<i64>,
    pub(crate) modified_at: Option<i64>,
    /// When the row reached the lake.
    pub(crate) written_at: i64,
}

impl Stamp {
    /// A live record that has not changed since it was made.
    pub(crate) const fn new(recid: i64, company: Option<&'static str>, created_at: i64) -> Self {
        Self {
            recid,
            version: 0,
            deleted: None,
            hollow: false,
            company,
            created_at: Some(created_at),
            modified_at: Some(created_at + 60 * SECOND),
            written_at: created_at,
        }
    }

    /// Grows with the version, and differs between the records of a table.
    pub(crate) const fn version_number(&self) -> i64 {
        10_000_000 + self.recid % 100_000_000_000 * 3 + self.version
    }
}

/// A row that has a stamp.
pub(crate) trait Stamped: Clone {
    fn stamp(&self) -> &Stamp;
    fn stamp_mut(&mut self) -> &mut Stamp;
}

/// Gives the rows of one record, the oldest first, their version numbers, and the history that `case` says.
pub(crate) fn record<R: Stamped>(mut rows: Vec<R>, case: Option<Case>) -> Vec<R> {
    let hollow = |row: &R| {
        let mut row = row.clone();
        let stamp = row.stamp_mut();
        (stamp.hollow, stamp.deleted) = (true, Some(true));
        row
    };
    match (case, rows.first(), rows.last()) {
        (Some(Case::RecordRestored), Some(first), _) => {
            let deleted = hollow(first);
            rows.insert(0, deleted);
        }
        (Some(Case::RecordDeletedAfterLive), _, Some(last)) => {
            let deleted = hollow(last);
            rows.push(deleted);
        }
        (Some(Case::RecordSoftDeleted), _, Some(_)) => {
            if let Some(last) = rows.last_mut() {
                last.stamp_mut().deleted = Some(true);
            }
        }
        _ => {}
    }
    for (version, row) in (0..).zip(&mut rows) {
        row.stamp_mut().version = version;
    }
    rows
}

/// The `Id` of a record of Finance and Operations: the number of its table, and its record id, the lowest byte first.
///
/// - **Source:** domain facts 2: `0000286b-0000-0000-1007-000010000000` is record 68719478544
pub(crate) fn id(table_id: u32, recid: i64) -> String {
    let [a, b, c, d, e, f, g, h] = recid.to_le_bytes();
    format!("{table_id:08x}-0000-0000-{a:02x}{b:02x}-{c:02x}{d:02x}{e:02x}{f:02x}{g:02x}{h:02x}")
}

/// The record id in an `Id`, if it is one.
pub(crate) fn recid_of(id: &str) -> Option<i64> {
    let digits: String = id.get(19..)?.chars().filter(char::is_ascii_hexdigit).collect();
    let number = u64::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 16)?;
    Some(number.swap_bytes().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_the_record_id() {
        assert_eq!(id(0x286b, 68_719_478_544), "0000286b-0000-0000-1007-000010000000");
        for recid in [0, 1, 5_637_144_576, i64::MAX] {
            assert_eq!(recid_of(&id(1, recid)), Some(recid));
        }
        assert_eq!(recid_of("no id"), None);
    }

    #[derive(Clone)]
    struct Row(Stamp);

    impl Stamped for Row {
        fn stamp(&self) -> &Stamp {
            &self.0
        }
        fn stamp_mut(&mut self) -> &mut Stamp {
            &mut self.0
        }
    }

    #[test]
    fn versions_grow_and_a_restored_record_begins_deleted() {
        let rows = vec![Row(Stamp::new(7, None, 0)), Row(Stamp::new(7, None, 1))];
        let rows = record(rows, Some(Case::RecordRestored));
        let seen: Vec<_> = rows.iter().map(|r| (r.0.version, r.0.hollow, r.0.deleted)).collect();
        assert_eq!(seen, [(0, true, Some(true)), (1, false, None), (2, false, None)]);
        assert!(rows.windows(2).all(|w| w[0].0.version_number() < w[1].0.version_number()));
    }
}
