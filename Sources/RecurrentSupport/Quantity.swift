/// A count with a noun: "1 label", "3 labels".
///
/// - Parameters:
///   - count: the number.
///   - noun: the noun in the singular; its plural must end in s.
package func quantity(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
