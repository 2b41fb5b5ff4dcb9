/// The log of a run: what it leaves and says when it stops.
protocol RunLog: AnyObject {
  /// The message of a run that stops now: which model it leaves, and how to go on.
  var stopped: String { get }
  /// Draws the curves so far, unless they are empty.
  func drawCurves() throws(CommandFailure)
}

extension RunLog {
  /// Stops a run whose output cannot be written.
  func checkOutput() throws(CommandFailure) {
    do throws(CommandFailure) { try Terminal.checkOutput() } catch {
      throw CommandFailure(error.message + "; " + stopped, error.status)
    }
  }

  /// The failure of a run that stops early, after drawing its curves so far.
  func failure(_ message: String, _ status: ExitStatus) -> CommandFailure {
    do throws(CommandFailure) { try drawCurves() } catch {
      return CommandFailure("\(message); \(error.message)", status)
    }
    return CommandFailure(message, status)
  }

  /// The failure of a run that was interrupted after writing a checkpoint.
  func interruption(in folder: RunFolder) -> CommandFailure {
    failure(stopped + "; 'recurrent resume \(folder.path)' goes on", .interrupted)
  }
}
