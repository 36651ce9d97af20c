//! Chooses the records that a change touches.
//!
//! Choice is by hash of the record id, so it depends on what the lake holds and not on how files are cut. Records come in
//! clusters, because a change in which every file holds one row would be as unlike a real one as one that keeps to a
//! single file.

use std::collections::BTreeMap;
use std::hash::Hasher;

use arrow::array::{Array, RecordBatch};
use siphasher::sip::SipHasher13;

use super::read::{Place, Table};
use crate::error::Result;
use crate::stamp::recid_of;

/// Record ids that belong to one cluster: those of 8192 records made one after the other.
const CLUSTER: i64 = 3 * 8192;

/// Of a cluster that is chosen, so many records in a thousand are touched, if the change does not ask for more.
const DENSITY: f64 = 50.0;

/// Records that may be chosen even in the smallest table.
const CHOICES: f64 = 60.0;

/// One row of a record that was chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowAt {
    pub(super) place: Place,
    pub(super) version: i64,
}

/// A record that was chosen.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) recid: i64,
    /// Its rows, the oldest first.
    pub(super) rows: Vec<RowAt>,
}

impl Record {
    /// The newest row.
    pub(super) fn latest(&self) -> Option<Place> {
        self.rows.last().map(|row| row.place)
    }
}

/// Draws by hash, keyed by seed, step and what is drawn for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lot {
    pub(super) seed: u64,
    pub(super) step: u64,
}

impl Lot {
    pub(super) fn hash(self, purpose: &str, key: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.seed, self.step);
        hasher.write(purpose.as_bytes());
        hasher.write(&[0]);
        hasher.write(key);
        hasher.finish()
    }

    /// A number from 0 to below 1000.
    fn mille(self, purpose: &str, key: i64) -> f64 {
        f64::from(u32::try_from(self.hash(purpose, &key.to_le_bytes()) >> 32).unwrap_or(0)) / 4_294_967.296
    }
}

/// Which records to choose.
pub(super) struct Wanted<'a> {
    pub(super) purpose: &'a str,
    /// Share of the table's rows; at least one record is chosen.
    pub(super) share: f64,
    /// Columns that `keep` looks at.
    pub(super) columns: &'a [&'a str],
    /// Whether a row of a batch makes its record eligible.
    pub(super) keep: &'a (dyn Fn(&RecordBatch, usize) -> Result<bool> + Sync),
}

/// As many records as `wanted` says, sorted by id. Records that have a deleted row are left alone: they are gone.
pub(super) async fn pick(table: &Table, lot: Lot, wanted: &Wanted<'_>) -> Result<Vec<Record>> {
    let count = count(table.rows(), wanted.share);
    let density = DENSITY.max(2000.0 * wanted.share).max(CHOICES * 1000.0 / to_f64(table.rows().max(1)));
    // Some will turn out to be deleted.
    let spare = count + count / 4 + 16;
    let mut chosen: BTreeMap<(u64, u64, i64), Candidate> = BTreeMap::new();
    let mut columns = vec!["Id", "recid", "versionnumber", "IsDelete"];
    columns
        .extend(wanted.columns.iter().filter(|c| !["Id", "recid", "versionnumber", "IsDelete"].contains(c)));
    table
        .scan(&columns, |first, batch| {
            let (ids, recids) = (table.texts(batch, "Id")?, table.integers(batch, "recid")?);
            let (versions, deleted) =
                (table.integers(batch, "versionnumber")?, table.flags(batch, "IsDelete")?);
            for row in 0..batch.num_rows() {
                // A row that holds nothing but its id still belongs to a record.
                let recid = match recids.is_valid(row).then(|| recids.value(row)) {
                    Some(recid) => recid,
                    None => match recid_of(ids.value(row)) {
                        Some(recid) => recid,
                        None => continue,
                    },
                };
                if lot.mille(wanted.purpose, recid) >= density {
                    continue;
                }
                let cluster = lot.hash(wanted.purpose, &(recid / CLUSTER).to_be_bytes());
                let key = (cluster, lot.hash(wanted.purpose, &recid.to_le_bytes()), recid);
                let is_deleted = deleted.is_valid(row) && deleted.value(row);
                let at = RowAt {
                    place: Place { file: first.file, row: first.row + row },
                    version: versions.value(row),
                };
                if let Some(candidate) = chosen.get_mut(&key) {
                    candidate.rows.push(at);
                    candidate.is_deleted |= is_deleted;
                } else if (wanted.keep)(batch, row)? {
                    chosen.insert(key, Candidate { rows: vec![at], is_deleted });
                    if chosen.len() > spare {
                        chosen.pop_last();
                    }
                }
            }
            Ok(())
        })
        .await?;
    let mut records: Vec<Record> = chosen
        .into_iter()
        .filter(|(_, candidate)| !candidate.is_deleted)
        .take(count)
        .map(|((_, _, recid), Candidate { mut rows, .. })| {
            rows.sort_by_key(|row| row.version);
            Record { recid, rows }
        })
        .collect();
    records.sort_by_key(|record| record.recid);
    Ok(records)
}

struct Candidate {
    rows: Vec<RowAt>,
    is_deleted: bool,
}

/// How many of `rows` a share is: one at least.
#[expect(clippy::cast_possible_truncation, reason = "a share of the rows of a table is a number of rows")]
#[expect(clippy::cast_sign_loss, reason = "a share is positive")]
pub(super) fn count(rows: u64, share: f64) -> usize {
    ((to_f64(rows) * share).round() as usize).max(1)
}

#[expect(clippy::cast_precision_loss, reason = "tables have far fewer rows than 2^52")]
fn to_f64(rows: u64) -> f64 {
    rows as f64
}
