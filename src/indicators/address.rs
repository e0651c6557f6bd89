//! Hosts of addresses: names, IP addresses, and numbers that stand for one.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What the host part of an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host<'a> {
    /// A name.
    Name(&'a str),
    /// An IPv4 address, and whether it was written as four decimal numbers.
    V4 {
        /// The address.
        address: Ipv4Addr,
        /// Whether it was written in the usual way.
        dotted: bool,
    },
    /// An IPv6 address.
    V6(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// Reads a host as Windows and browsers do: `0xb907d607`, `0271.7.0326.7` and `3104298503`
    /// are IPv4 addresses. `None` when it can be no host.
    pub fn parse(text: &'a str) -> Option<Host<'a>> {
        if let Some(inner) = text.strip_prefix('[') {
            return inner.strip_suffix(']')?.parse().ok().map(Host::V6);
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        if let Some(address) = numeric(text) {
            return Some(Host::V4 { address, dotted: text.parse() == Ok(address) });
        }
        let usual = |char: char| char.is_alphanumeric() || matches!(char, '-' | '.' | '_' | '%');
        let starts_well = text.starts_with(|char: char| char.is_alphanumeric() || char == '%');
        (starts_well && text.len() <= 255 && text.chars().all(usual)).then_some(Host::Name(text))
    }
}

/// One to four numbers, each decimal, octal (`0`) or hexadecimal (`0x`); the last one fills what
/// is left of the 32 bits.
fn numeric(text: &str) -> Option<Ipv4Addr> {
    let mut numbers = [0_u32; 4];
    let mut count = 0_usize;
    for part in text.split('.') {
        *numbers.get_mut(count)? = number(part)?;
        count = count.saturating_add(1);
    }
    let leading = numbers.get(..count.checked_sub(1)?)?;
    let mut address = *numbers.get(leading.len())?;
    let mut shift = 24_u32;
    for number in leading {
        address = address.checked_add(u32::from(u8::try_from(*number).ok()?).checked_shl(shift)?)?;
        shift = shift.saturating_sub(8);
    }
    let last = *numbers.get(leading.len())?;
    let room = u64::from(u32::MAX).checked_shr(u32::try_from(leading.len()).ok()?.saturating_mul(8))?;
    // "http://7/" is 0.0.0.7, which nobody can mean.
    (u64::from(last) <= room && address > 0x00FF_FFFF).then(|| Ipv4Addr::from(address))
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..)?, 16),
        [b'0', _, ..] => (text.get(1..)?, 8),
        _ => (text, 10),
    };
    // `from_str_radix` takes a sign.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok())?
}

/// The host in the authority of an address, without user and port.
pub(super) fn host_of(authority: &str) -> &str {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or(host);
    }
    host.split(':').next().unwrap_or(host)
}

/// The authority of what follows `://`.
pub(super) fn authority_of(rest: &str) -> &str {
    rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_address_that_windows_makes_of_them() {
        let address = Ipv4Addr::new(185, 7, 214, 7);
        for text in
            ["0xb907d607", "3104298503", "0271.07.0326.07", "185.7.54791", "0xB9.0x7.0xd607", "027101753007"]
        {
            assert_eq!(Host::parse(text), Some(Host::V4 { address, dotted: false }), "{text}");
        }
        assert_eq!(Host::parse("185.7.214.7"), Some(Host::V4 { address, dotted: true }));
    }

    #[test]
    fn numbers_out_of_range_are_names() {
        for text in ["4294967296", "256.1.1.1", "1.2.3.256", "1.2.3.4.5", "08.1.1.1", "0x+1", "7"] {
            assert_eq!(Host::parse(text), Some(Host::Name(text)).filter(|_| text != "0x+1"), "{text}");
        }
    }

    #[test]
    fn authority_gives_the_host_that_is_really_asked() {
        assert_eq!(host_of("schemas.microsoft.com@evil.example:8080"), "evil.example");
        assert_eq!(host_of("[2001:db8::1]:80"), "[2001:db8::1]");
        assert_eq!(authority_of("evil.example\\@schemas.microsoft.com/x"), "evil.example");
        assert_eq!(Host::parse("[2001:db8::1]"), "2001:db8::1".parse().ok().map(Host::V6));
    }
}
