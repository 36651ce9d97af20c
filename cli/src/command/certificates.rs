//! `goldsmith certificates`: an authority, a certificate for each role of a cluster, and a token.

use goldsmith_proto::trust::issue;

use crate::args::CertificatesArgs;
use crate::{clock, output};

pub(crate) fn run(args: &CertificatesArgs) -> anyhow::Result<()> {
    let folder = args.dir.display();
    if !issue(&args.dir, clock::now().date_naive())? {
        return output::print(&format!("the certificates in {folder} are there already, and fit\n"));
    }
    output::print(&format!(
        "made an authority, certificates for scheduler, executors and clients, and two tokens in {folder}\n\n\
         Each process of a cluster gets ca.pem and the two files of its role:\n  \
         goldsmith scheduler --tls {folder} --token-file {folder}/token --bind 0.0.0.0:50050\n  \
         goldsmith executor --tls {folder} --scheduler https://HOST:50050 --bind 0.0.0.0:50060\n  \
         goldsmith refresh --tls {folder} --cluster https://HOST:50050\n\n\
         Keep ca.key where no process runs: whoever has it can make certificates.\n"
    ))
}
