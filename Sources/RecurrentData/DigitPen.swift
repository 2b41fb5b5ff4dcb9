import Recurrent

/// Draws one digit after the other, each in a different handwriting.
struct DigitPen {
  var canvas = DigitCanvas()
  // The strokes as short lines, in the order of writing.
  private var lines: [(start: SIMD2<Float>, end: SIMD2<Float>)] = []
  private var points: [DigitStrokes.Point] = []

  /// Draws a digit on the canvas and replaces what was there.
  mutating func draw(_ digit: Int, with generator: inout SplitMix64) {
    let styles = DigitStrokes.styles[digit]
    let style = styles[generator.integer(below: styles.count)]
    let hand = Hand(with: &generator)
    lines.removeAll(keepingCapacity: true)
    for stroke in style.strokes {
      points.removeAll(keepingCapacity: true)
      for point in stroke {
        let shaken = point.place + hand.shake * SIMD2(generator.normal(), generator.normal())
        points.append(DigitStrokes.Point(place: hand.bend(shaken), isCorner: point.isCorner))
      }
      appendCurve()
    }
    place(hand)
    canvas.clear()
    canvas.softness = hand.softness
    canvas.brightness = hand.brightness
    var radius = hand.radius
    for line in lines {
      // The pressure of the pen varies.
      radius += hand.radius * 0.04 * generator.normal()
      radius = min(max(radius, 0.7 * hand.radius), 1.3 * hand.radius)
      canvas.drawLine(from: line.start, to: line.end, radius: radius)
    }
  }

  /// Adds the curve through `points` to the lines.
  ///
  /// Between two points a and b with the directions u and v the curve is cubic, in the form of Hermite:
  ///
  /// ```
  /// (2t³ − 3t² + 1) a + (t³ − 2t² + t) u + (3t² − 2t³) b + (t³ − t²) v
  /// ```
  ///
  /// The direction at a point is half the way from its predecessor to its successor (Catmull and Rom, 1974); at ends
  /// and corners it leads straight to the neighbor on that side.
  private mutating func appendCurve() {
    let pieces = 5
    var end = points[0].place
    for i in 1..<points.count {
      let (a, b) = (points[i - 1].place, points[i].place)
      let isFree = i == 1 || points[i - 1].isCorner
      let isEnd = i == points.count - 1 || points[i].isCorner
      let u = isFree ? b - a : (b - points[i - 2].place) / 2
      let v = isEnd ? b - a : (points[i + 1].place - a) / 2
      for piece in 1...pieces {
        let t = Float(piece) / Float(pieces)
        let (t2, t3) = (t * t, t * t * t)
        let first = (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * u
        let start = end
        end = first + (3 * t2 - 2 * t3) * b + (t3 - t2) * v
        lines.append((start, end))
      }
    }
  }

  /// Fits the lines into a box of 20 pixels and centers them by their mass, as MNIST's authors did.
  private mutating func place(_ hand: Hand) {
    var (low, high) = (lines[0].start, lines[0].start)
    var (mass, moment) = (Float.leastNormalMagnitude, SIMD2<Float>.zero)
    for (start, end) in lines {
      for point in [start, end] {
        low.replace(with: point, where: point .< low)
        high.replace(with: point, where: point .> high)
      }
      let length = ((end - start) * (end - start)).sum().squareRoot()
      mass += length
      moment += length / 2 * (start + end)
    }
    let scale = (20 * hand.scale - 2 * hand.radius) / max((high - low).max(), 0.01)
    let center = moment / mass
    let middle = SIMD2<Float>(repeating: Float(DigitCanvas.size - 1) / 2) + hand.shift
    for index in lines.indices {
      lines[index].start = (lines[index].start - center) * scale + middle
      lines[index].end = (lines[index].end - center) * scale + middle
    }
  }
}

/// One handwriting with one pen: the distortions that all points of a digit share.
private struct Hand {
  let shake: Float
  let radius: Float
  let softness: Float
  let brightness: Float
  let scale: Float
  let shift: SIMD2<Float>
  private let slant: Float
  private let turn: Float
  private let width: Float
  private let bow: SIMD2<Float>
  private let stretch: SIMD2<Float>

  init(with generator: inout SplitMix64) {
    shake = generator.uniform(0.01, 0.08)
    radius = min(max(1.25 + 0.4 * generator.normal(), 0.6), 1.9)
    softness = generator.uniform(1, 1.6)
    brightness = generator.uniform(0.9, 1.2)
    scale = generator.uniform(0.9, 1.05)
    shift = 0.7 * SIMD2(generator.normal(), generator.normal())
    slant = 0.15 + 0.22 * generator.normal()
    turn = 0.07 * generator.normal()
    width = generator.uniform(0.7, 1.4)
    bow = SIMD2(0.17, 0.12) * SIMD2(generator.normal(), generator.normal())
    stretch = 0.2 * SIMD2(generator.normal(), generator.normal())
  }

  /// The position of a point in this handwriting.
  func bend(_ point: SIMD2<Float>) -> SIMD2<Float> {
    // Relative to the middle of the digit, from −1 to 1 in each direction.
    var p = (point - DigitStrokes.halfSize) / DigitStrokes.halfSize
    // Parabolas move the middle and keep the ends: a bow bends lines, a stretch makes one half larger.
    let (middleX, middleY) = (1 - p.x * p.x, 1 - p.y * p.y)
    p.x += stretch.x * middleX + bow.x * middleY
    p.y += stretch.y * middleY + bow.y * middleX
    p *= DigitStrokes.halfSize
    p.x *= width
    return SIMD2(p.x - (slant + turn) * p.y, p.y + turn * p.x)
  }
}

extension SplitMix64 {
  /// A nearly normally distributed number, with mean 0, standard deviation 1 and magnitude below 3.5: the scaled sum of
  /// four uniform numbers.
  ///
  /// It uses no function of the mathematical library, so it is the same to the last bit on every machine.
  fileprivate mutating func normal() -> Float {
    var bits = next()
    var sum: Float = 0
    for _ in 0..<4 {
      sum += Float(UInt16(truncatingIfNeeded: bits))
      bits >>= 16
    }
    // Four numbers from 0 to 1 have the mean 2 and the variance 4/12.
    return (sum * 0x1p-16 - 2) * 1.732_050_8
  }
}
