//! The Swift that the course needs, for readers who know Python.

// snippet.lines
let rate: Float = 0.01  // a constant; without ": Float" it would be a Double
var losses = [2.3, 1.1]  // a variable: an array of Double
losses.append(0.6)
let halves = losses.map { $0 / 2 }  // a closure; $0 is its first argument
for epoch in 0..<3 { print("epoch \(epoch): loss \(losses[epoch])") }
let best = losses.min() ?? 0  // min() of an empty array is nil; ?? says what then
func scaled(_ x: Double, by factor: Double) -> Double { x * factor }
struct Unit { var state = 1.0 }  // a value: assigning it copies it
func advance(_ unit: inout Unit) { unit.state = scaled(unit.state, by: 0.5) }
let table = [(name: "LSTM", gates: 3), (name: "GRU", gates: 2)]  // tuples with names
// snippet.end

print("== Values")
// snippet.values
var unit = Unit()
let copy = unit
advance(&unit)  // & marks what a call may change
print("unit \(unit.state), copy \(copy.state)")
for (name, gates) in table { print("\(name) has \(gates) gates") }
print("halves \(halves), best \(best), rate \(rate)")
// snippet.end
