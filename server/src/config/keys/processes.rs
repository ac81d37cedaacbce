//! `collectors.application_metrics.processes`: further applications, each told from other processes in one way.

use std::collections::BTreeMap;

use super::collectors::ApplicationMetrics;
use super::one_of;
use crate::config::problem::quoted;
use crate::config::read::{Free, MapOf, Name, Record, Section};
use crate::secret::Text;

/// How the processes of an application are found.
#[derive(Debug)]
pub enum NamedProcess {
    /// By the name of the program.
    Name(Text),
    /// The one whose number is in this file.
    PidFile(Text),
    /// By a piece of the command line, `*` for anything.
    Command(Text),
    /// Those of a unit of systemd.
    Unit(Text),
}

pub(super) fn read(s: &mut Section<'_>) -> BTreeMap<String, NamedProcess> {
    s.or(
        "processes",
        &MapOf(Record(NamedProcess::read)),
        BTreeMap::new(),
        "Further applications, by the value of their tag app. Each is found by one of name, pid_file, command or unit.",
    )
}

impl NamedProcess {
    fn read(s: &mut Section<'_>) -> Option<Self> {
        let name = s.maybe("name", &Free, "nginx", "The name of its program, as ps shows it; 15 characters count.");
        let pid_file = s.maybe("pid_file", &Free, "/run/nginx.pid", "A file that holds the number of its process.");
        let command = s.maybe(
            "command",
            &Free,
            "python3*shop/worker.py",
            "A piece of its command line, words parted by one blank; * stands for anything.",
        );
        let unit = s.maybe("unit", &Free, "nginx.service", "Its unit of systemd; all processes of it count.");
        one_of(s, &["name", "pid_file", "command", "unit"]);
        let name = name.map(Self::Name).or(pid_file.map(Self::PidFile));
        name.or(command.map(Self::Command)).or(unit.map(Self::Unit))
    }
}

impl ApplicationMetrics {
    /// Two applications of one name would be one series.
    pub(super) fn check_names(&self, s: &Section<'_>) {
        for name in self.processes.keys() {
            let at = s.at_path(&["processes", name]);
            if *name == self.app_name {
                at.refuse(format!("{}, which is app_name", quoted(name)), "a name that no other application has");
            } else if !(Name::ANY.good)(name) {
                at.refuse(quoted(name), Name::ANY.allowed);
            }
        }
        if !self.process && !self.processes.is_empty() && self.pace.enabled {
            s.at_key("processes").warn("collect_process_metrics is false, so nothing is told of these");
        }
    }
}
