/// How far a result may lie from its reference: every tolerance of the tests is derived here, and nowhere else.
///
/// Differences are measured relative to the largest magnitude in the reference tensor. A result of n roundings, each of
/// relative size up to u = 2⁻²⁴ and as likely up as down, is off by about √n · u / √3 times the magnitude of what was
/// added up. The tests look at the worst of up to a million elements, which lies within six standard deviations, and
/// terms may be twice as large as their sum: 6 / √3 · 2 ≈ 8 units in all. What is found is a tenth to a fifth of that.
public enum Tolerance {
  /// u, the largest relative error of one rounding to `Float`.
  public static let rounding = 0x1p-24

  /// What the issue asks of comparisons with stored PyTorch values.
  public static let storedReference = 1e-5

  /// After `count` roundings on the longest way from the data to the result.
  public static func afterRoundings(_ count: Int) -> Double { 8 * rounding * Double(count).squareRoot() }

  /// For outputs and states of a stack.
  ///
  /// A step of a layer adds up its inputs, its own state and a bias, and then takes some ten roundings for the gates.
  public static func forward(inputSize: Int, hiddenSizes: [Int], steps: Int) -> Double {
    afterRoundings(roundings(inputSize: inputSize, hiddenSizes: hiddenSizes, steps: steps))
  }

  /// For gradients of a stack: the way there, the way back, which is twice as long, and the sum over all sequences.
  public static func gradient(inputSize: Int, hiddenSizes: [Int], steps: Int, batch: Int) -> Double {
    afterRoundings(3 * roundings(inputSize: inputSize, hiddenSizes: hiddenSizes, steps: steps) + batch * steps)
  }

  private static func roundings(inputSize: Int, hiddenSizes: [Int], steps: Int) -> Int {
    let widths = [inputSize] + hiddenSizes
    return steps * zip(widths, hiddenSizes).reduce(0) { $0 + $1.0 + $1.1 + 11 }
  }

  /// h of a central difference (f(x + h) - f(x - h)) / 2h in `Double`.
  ///
  /// The error of the difference is about h² f‴ / 6 + 2⁻⁵³ f / h, which is least near the third root of 2⁻⁵³, 5e-6.
  public static let differenceStep = 1e-5

  /// The same for functions with corners, such as ReLU: a difference across a corner is wrong.
  ///
  /// The step is as short as it can be while 2⁻⁵³ f / h, some 1e-9 f and less than a rounding to `Float`, is no error: of
  /// a thousand sums at random, one in five thousand lies that close to a corner.
  public static let differenceStepBetweenCorners = 1e-7
}
