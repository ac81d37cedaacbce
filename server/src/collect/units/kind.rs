//! What a control group is, by its name.

/// What runs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A service of systemd, by the name of its unit.
    Service(&'a str),
    /// A container: what made it, and its name or the first twelve digits of its number.
    Container { runtime: &'a str, id: &'a str },
    /// A slice, somebody's session, or a part of something.
    Other,
}

/// Names of groups before the number of a container, with what made it.
const RUNTIMES: [(&str, &str); 5] = [
    ("docker-", "docker"),
    ("libpod-", "podman"),
    ("crio-", "cri-o"),
    ("cri-containerd-", "containerd"),
    ("nerdctl-", "containerd"),
];

/// Names of groups before the name of a container, with what made it.
const NAMED: [(&str, &str); 2] = [("lxc.payload.", "lxc"), ("machine-", "machined")];

const SHOWN_DIGITS: usize = 12;

pub(super) fn of(name: &str) -> Kind<'_> {
    if name.len() > ".service".len() && name.ends_with(".service") {
        return Kind::Service(name);
    }
    let plain = name.strip_suffix(".scope").unwrap_or(name);
    // Engines that do not use systemd name the group by the number alone.
    let numbered = RUNTIMES.iter().find_map(|(before, runtime)| Some((*runtime, plain.strip_prefix(before)?)));
    let (runtime, number) = numbered.unwrap_or(("", plain));
    if is_number(number) {
        return Kind::Container { runtime, id: number.get(..SHOWN_DIGITS).unwrap_or(number) };
    }
    let named = NAMED.iter().find_map(|(before, runtime)| Some((*runtime, plain.strip_prefix(before)?)));
    match named {
        // `machine-` alone is a slice's beginning too, which has another ending.
        Some((runtime, id)) if !id.is_empty() && !id.ends_with(".slice") => Kind::Container { runtime, id },
        _ => Kind::Other,
    }
}

fn is_number(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `want`: `service NAME`, `RUNTIME ID`, or nothing.
    #[track_caller]
    fn check(name: &str, want: &str) {
        let number = "0123456789abcdef".repeat(4);
        let name = name.replace('#', &number);
        let got = match of(&name) {
            Kind::Service(name) => format!("service {name}"),
            Kind::Container { runtime, id } => format!("{runtime} {id}"),
            Kind::Other => String::new(),
        };
        assert_eq!(got, want, "{name}");
    }

    #[test]
    fn services_and_containers_are_told_from_the_rest() {
        check("nginx.service", "service nginx.service");
        check("getty@tty1.service", "service getty@tty1.service");
        check("docker-#.scope", "docker 0123456789ab");
        check("libpod-#.scope", "podman 0123456789ab");
        check("cri-containerd-#.scope", "containerd 0123456789ab");
        check("crio-#", "cri-o 0123456789ab");
        check("#", " 0123456789ab");
        check("lxc.payload.web", "lxc web");
        check("machine-deb.scope", "machined deb");
        for other in [
            "system.slice",
            "machine-x.slice",
            "machine-",
            "session-2.scope",
            "init.scope",
            "libpod-conmon-#.scope",
            "docker-abc.scope",
            ".service",
            "kubepods-burstable-pod1.slice",
            "dev-hugepages.mount",
        ] {
            check(other, "");
        }
    }
}
