//! Whatever stands in `goldsmith.toml`, its reader answers with a value or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = goldsmith_cli::read_config(text);
    }
});
