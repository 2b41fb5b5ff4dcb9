/// The colours of all pictures, for light pages and dark ones.
///
/// Lines differ in lightness as well as in hue, so that they can be told apart without colour vision; the two colours of
/// heat are blue and orange for the same reason.
enum Theme {
  /// How many lines have a colour of their own.
  static let lineCount = 6

  private static let light = """
    --ink:#1f2328;--soft:#59636e;--grid:#dde3e9;--paper:#ffffff;--positive:#0b63c4;--negative:#c2500a;--mark:#1a7f37;\
    --s0:#0b63c4;--s1:#c2500a;--s2:#1a7f37;--s3:#7a3fd0;--s4:#a3135f;--s5:#6b5d00
    """
  private static let dark = """
    --ink:#e6edf3;--soft:#9aa7b3;--grid:#30363d;--paper:#0d1117;--positive:#5aa9ff;--negative:#ff9447;--mark:#56d364;\
    --s0:#5aa9ff;--s1:#ff9447;--s2:#56d364;--s3:#c297ff;--s4:#ff86bf;--s5:#e3c341
    """
  private static let lines = (0..<lineCount).map {
    ".s\($0){stroke:var(--s\($0))} text.s\($0),.dot.s\($0),.band.s\($0){fill:var(--s\($0));stroke:none}"
  }.joined(separator: "\n")

  static let style = """
    svg{\(light)}
    @media (prefers-color-scheme:dark){svg:not(.light){\(dark)}}
    svg.dark{\(dark)}
    text{fill:var(--ink)} .heading{font-size:16px;font-weight:600} .soft{fill:var(--soft)} .strong{font-weight:600}
    .small{font-size:11px} .count{font-size:12px;font-variant-numeric:tabular-nums}
    .axis{stroke:var(--soft);fill:none} .grid{stroke:var(--grid);fill:none}
    .curve{fill:none;stroke-width:2;stroke-linejoin:round} .band{fill-opacity:.16}
    .positive{fill:var(--positive)} .negative{fill:var(--negative)} .ink{fill:var(--ink)} .mark{fill:var(--mark)}
    .frame{fill:none;stroke:var(--grid)} .outline{fill:none;stroke:var(--ink);stroke-width:1.5}
    .box{fill:var(--positive);fill-opacity:.12;stroke:var(--positive);stroke-width:1.5}
    .arrow{stroke:var(--soft);stroke-width:1.5;fill:none} .tip{fill:var(--soft)}
    \(lines)
    """
}
