//! Whatever stands in a file of a pack, its reader answers with a value or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    goldsmith_jobs::pack::read_bytes(bytes);
});
