/// A number of things in words: "1 label", "3 labels".
///
/// - Parameters:
///   - count: how many.
///   - noun: what they are, in the singular; its plural ends in s.
package func quantity(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
