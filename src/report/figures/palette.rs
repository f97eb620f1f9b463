//! Colours.

/// The groups that have a colour of their own.
pub const GROUP_COLORS: usize = 24;

/// Okabe & Ito 2008, the yellow darkened so that it is seen on white; then, one by one, what is
/// farthest from all before it in CIELAB, to those without red or green cones too.
const GROUPS: [&str; GROUP_COLORS] = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a500", "#7f7f7f",
    "#a50f2d", "#a5e178", "#7887ff", "#ffc3b4", "#960078", "#3ce1f0", "#b4874b", "#872d5a",
    "#004ba5", "#874b00", "#1e5a2d", "#a5b478", "#78a5ff", "#c35a5a", "#c3d24b", "#a587c3",
];
/// What belongs to no group, or is not significant.
pub(super) const NEUTRAL: &str = "#9aa3ad";
/// What is not seen.
pub(super) const PAPER: &str = "#ffffff";
/// Higher, positive.
pub(super) const UP: &str = "#d55e00";
/// Lower, negative.
pub(super) const DOWN: &str = "#0072b2";
/// Lines that guide the eye.
pub(super) const GUIDE: &str = "#555555";

/// The colour of a group; they repeat after [`GROUP_COLORS`].
pub(super) fn group(at: usize) -> &'static str {
    GROUPS[at % GROUPS.len()]
}

/// The entry of a legend that says that colours repeat, where so many groups make them.
pub(super) fn repeat_note(groups: usize) -> Option<String> {
    (groups > GROUP_COLORS).then(|| format!("colours repeat after {GROUP_COLORS}"))
}

const DIVERGING: [[f64; 3]; 7] = [
    [11.0, 60.0, 125.0],
    [47.0, 127.0, 193.0],
    [156.0, 199.0, 230.0],
    [243.0, 243.0, 243.0],
    [245.0, 184.0, 149.0],
    [217.0, 96.0, 42.0],
    [140.0, 42.0, 10.0],
];

/// Blue below 0, light at 0, orange-red above; -1 and 1 are the ends.
pub(super) fn diverging(value: f64) -> String {
    scale(&DIVERGING, (value + 1.0) / 2.0)
}

const VIRIDIS: [[f64; 3]; 9] = [
    [68.0, 1.0, 84.0],
    [71.0, 45.0, 123.0],
    [59.0, 82.0, 139.0],
    [44.0, 114.0, 142.0],
    [33.0, 145.0, 140.0],
    [40.0, 174.0, 128.0],
    [94.0, 201.0, 98.0],
    [173.0, 220.0, 48.0],
    [253.0, 231.0, 37.0],
];

/// From dark violet at 0 to yellow at 1.
pub(super) fn viridis(share: f64) -> String {
    scale(&VIRIDIS, share)
}

fn scale(stops: &[[f64; 3]], share: f64) -> String {
    if !share.is_finite() {
        return NEUTRAL.to_owned();
    }
    let at = share.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let low = (at.floor() as usize).min(stops.len() - 2);
    let part = at - low as f64;
    let mix = |channel: usize| {
        let (a, b) = (stops[low][channel], stops[low + 1][channel]);
        (a + (b - a) * part).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_where_they_should() {
        assert_eq!(diverging(0.0), "#f3f3f3");
        assert_eq!(diverging(-7.0), "#0b3c7d");
        assert_eq!(viridis(1.0), "#fde725");
        assert_eq!(viridis(f64::NAN), NEUTRAL);
        assert_eq!(group(GROUP_COLORS), group(0));
    }

    #[test]
    fn no_two_groups_look_alike() {
        let channels = |color: &str| {
            [1, 3, 5].map(|at| i32::from_str_radix(&color[at..at + 2], 16).expect("hexadecimal"))
        };
        let colors = [GROUPS.as_slice(), &[NEUTRAL]].concat();
        for (at, one) in colors.iter().enumerate() {
            for other in &colors[..at] {
                let apart = channels(one).into_iter().zip(channels(other));
                let apart: i32 = apart.map(|(a, b)| (a - b).abs()).sum();
                assert!(apart >= 30, "{one} and {other}");
            }
        }
        // The report's are the same.
        let script = include_str!("../templates/colors.js");
        for color in GROUPS {
            assert!(script.contains(color), "{color}");
        }
        assert_eq!(repeat_note(GROUP_COLORS), None);
        assert!(repeat_note(GROUP_COLORS + 1).is_some());
    }
}
