/// How a digit is written: the strokes of the pen, each a list of points that it passes.
///
/// x runs to the right, y down. The pen passes the points in a smooth curve, but turns sharply at corners.
struct DigitStrokes {
  /// A point that the pen passes.
  struct Point {
    var place: SIMD2<Float>
    var isCorner = false
  }

  /// Half of the width and half of the height of the box that the points lie in: it begins at 0, 0.
  static let halfSize = SIMD2<Float>(0.36, 0.5)

  let strokes: [[Point]]

  /// Strokes written as `x,y` in hundredths with blanks between; `!` after a point makes it a corner.
  private init(_ strokes: String...) {
    self.strokes = strokes.map { $0.split(separator: " ").map(Self.point) }
  }

  private static func point(_ text: Substring) -> Point {
    let isCorner = text.hasSuffix("!")
    // The texts are the constants below; a test draws every style.
    let numbers = text.dropLast(isCorner ? 1 : 0).split(separator: ",").map { Float($0)! / 100 }
    return Point(place: SIMD2(numbers[0], numbers[1]), isCorner: isCorner)
  }

  /// The ways to write each digit; common ways are listed more than once.
  static let styles: [[DigitStrokes]] = [zero, one, two, three, four, five, six, seven, eight, nine]

  private static let zero = [
    DigitStrokes("52,2 24,8 5,50 18,92 44,100 66,75 70,38 58,8 44,3"),
    DigitStrokes("40,6 18,12 4,55 22,97 52,93 70,50 58,10 36,2 26,16"),
  ]
  private static let one = [
    DigitStrokes("36,0 35,50 34,100"),
    DigitStrokes("36,0 35,50 34,100"),
    DigitStrokes("16,24 38,0! 37,50 36,100"),
    DigitStrokes("16,22 38,0! 37,50 36,100", "12,100 62,99"),
  ]
  private static let two = [
    DigitStrokes("10,26 28,5 58,5 68,27 46,62 8,98! 42,97 78,95"),
    DigitStrokes("10,22 38,0 64,22 46,66 18,96 5,86 24,77 48,95 80,90"),
  ]
  private static let three = [
    DigitStrokes("12,13 42,0 64,20 48,42 26,47! 54,54 68,76 46,99 8,90"),
    DigitStrokes("12,5 64,3! 34,42! 62,54 66,82 40,100 6,88"),
    DigitStrokes("14,10 44,1 60,20 42,44 32,50 38,42 62,60 60,88 32,100 6,92"),
  ]
  private static let four = [
    DigitStrokes("18,2 10,30 8,54! 40,54 74,50", "62,4 58,50 55,100"),
    DigitStrokes("56,0! 30,34 4,66! 42,66 78,64", "56,2 55,50 53,100"),
    DigitStrokes("14,5 7,38 28,54 58,40 66,4! 61,50 56,100"),
  ]
  private static let five = [
    DigitStrokes("18,4 15,25 13,44! 42,38 66,62 50,93 8,95", "18,4 42,4 70,2"),
    DigitStrokes("72,3 48,4 22,5! 16,44! 46,40 64,66 42,97 6,88"),
    DigitStrokes("68,6 38,3 18,20 30,42 56,60 58,86 30,100 5,88"),
  ]
  private static let six = [
    DigitStrokes("58,0 28,24 8,62 20,95 48,98 64,76 48,56 24,62 11,78"),
    DigitStrokes("36,0 14,44 8,76 28,100 58,86 58,63 34,55 11,72"),
  ]
  private static let seven = [
    DigitStrokes("6,8 40,7 72,5! 50,46 34,100"),
    DigitStrokes("6,8 40,7 72,5! 50,46 32,100", "24,52 50,50 74,48"),
    DigitStrokes("6,24 10,5! 40,10 70,5 60,40 46,100"),
  ]
  private static let eight = [
    DigitStrokes("60,12 34,0 14,18 30,42 56,62 62,86 38,100 12,86 20,62 48,42 63,20 52,4"),
    DigitStrokes("38,2 17,12 19,36 38,46 60,34 58,10 38,2", "38,46 11,62 11,88 38,100 66,88 64,60 38,46"),
  ]
  private static let nine = [
    DigitStrokes("60,12 36,0 10,20 22,46 48,40 62,12! 60,55 54,100"),
    DigitStrokes("60,14 36,0 10,20 20,44 46,42 62,16 64,60 48,96 12,94"),
    DigitStrokes("56,6 26,6 10,28 30,46 54,28 58,10 50,55 30,100"),
  ]
}
