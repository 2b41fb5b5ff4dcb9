import TestSupport
import Testing

@testable import RecurrentCommand

/// Commands that make no sense: status 64, and one line that names the option, what was found and what was expected.
@Suite struct UsageTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let line: String
    let reason: String
    var testDescription: String { "\(arguments.joined(separator: " ")): \(reason)" }

    init(_ arguments: String, _ line: String, _ reason: String) {
      self.arguments = arguments.split(separator: " ").map { $0 == "''" ? "" : String($0) }
      self.line = line
      self.reason = reason
    }
  }

  private static let count = "expected a whole number of at least 1"

  @Test(arguments: [
    Case("train digits --epochs 0", "The value '0' is invalid for '--epochs <n>': \(count)", "none of what is needed"),
    Case("train digits --hidden-size -3", "The value '-3' is invalid for '--hidden-size <n>': \(count)", "negative"),
    Case("train digits --layers=-1", "The value '-1' is invalid for '--layers <n>': \(count)", "negative, joined by ="),
    Case("train digits --batch-size x", "The value 'x' is invalid for '--batch-size <n>': \(count)", "no number"),
    Case("train digits --train-count 1.5", "The value '1.5' is invalid for '--train-count <n>': \(count)", "not whole"),
    Case(
      "train digits --max-steps 99999999999999999999",
      "The value '99999999999999999999' is invalid for '--max-steps <n>': \(count)", "beyond 64 bits"),
    Case("train digits --log-every 0", "The value '0' is invalid for '--log-every <n>': \(count)", "would divide by 0"),
    Case(
      "train digits --threads 0",
      "The value '0' is invalid for '--threads <n>': expected a whole number from 1 to 1024",
      "nobody to work"),
    Case(
      "train digits --threads 100000",
      "The value '100000' is invalid for '--threads <n>': expected a whole number from 1 to 1024",
      "more than the system can make"),
    Case(
      "train digits --learning-rate nan",
      "The value 'nan' is invalid for '--learning-rate <x>': expected a number above 0", "no number"),
    Case(
      "train digits --learning-rate inf",
      "The value 'inf' is invalid for '--learning-rate <x>': expected a number above 0", "not finite"),
    Case(
      "train digits --learning-rate 1e-60",
      "The value '1e-60' is invalid for '--learning-rate <x>': expected a number above 0", "0 as a float"),
    Case(
      "train digits --seed -1",
      "The value '-1' is invalid for '--seed <n>': expected a whole number from 0 to 18446744073709551615", "negative"),
    Case(
      "train digits --cell rnn",
      "The value 'rnn' is invalid for '--cell <name>'. Please provide one of 'lstm', 'gru', 'gru-reset-before', 'mgu', "
        + "'mgu-reset-after', 'indrnn' or 'elman'.",
      "not one of the list"),
    Case(
      "train digits --initializer he",
      "The value 'he' is invalid for '--initializer <name>'. "
        + "Please provide one of 'tensorflow1', 'pytorch', 'keras', 'glorot-uniform', 'glorot-normal', 'he-uniform', "
        + "'he-normal', 'lecun-uniform', 'lecun-normal', 'orthogonal', 'uniform', 'normal', 'identity' or 'chrono'.",
      "not one of the list"),
    Case(
      "train digits --optimizer adamax",
      "The value 'adamax' is invalid for '--optimizer <name>'. "
        + "Please provide one of 'adam', 'adamw', 'nadam', 'sgd', 'rmsprop', 'adagrad' or 'lion'.",
      "not one of the list"),
    Case(
      "train digits --epochs --seed 3", "The value '--seed' is invalid for '--epochs <n>': \(count)",
      "the value is forgotten"),
    Case(
      "train digits --momentum 0.9",
      "--momentum: found without --optimizer sgd, expected both", "of another optimiser"),
    Case(
      "train digits --optimizer sgd --nesterov",
      "--nesterov: found without --momentum, expected both", "nothing to look ahead along"),
    Case(
      "train digits --merge sum", "--merge: found 'sum' without --bidirectional, expected both",
      "nothing to merge"),
    Case(
      "train digits --dropout 1",
      "The value '1' is invalid for '--dropout <rate>': expected a number from 0 to below 1", "nothing would be left"),
    Case("train digits --variational", "--variational: found without --dropout, expected both", "of nothing"),
    Case(
      "train digits --cell gru --peepholes",
      "--peepholes: found with --cell gru, expected --cell lstm", "of another cell"),
    Case(
      "train digits --layer-norm --preactivation-clip 1",
      "--layer-norm and --preactivation-clip: found both, expected at most one",
      "one does without what the other limits"),
    Case(
      "train digits --layer-norm --cell-activation relu",
      "--layer-norm and --cell-activation: found both, expected at most one", "its functions are the usual ones"),
    Case(
      "train digits --gate-activation relu --layer-norm",
      "--layer-norm and --gate-activation: found both, expected at most one", "its functions are the usual ones"),
    Case(
      "train digits --candidate-activation relu --layer-norm",
      "--layer-norm and --candidate-activation: found both, expected at most one", "its functions are the usual ones"),
    Case(
      "train digits --layer-norm-epsilon 0.1", "--layer-norm-epsilon: found without --layer-norm, expected both",
      "of an option that is not there"),
    Case(
      "train digits --activation relu",
      "--activation: found with --cell lstm, expected --cell elman or --cell indrnn", "of another cell"),
    Case(
      "train digits --cell mgu --preactivation-clip 1",
      "--preactivation-clip: found with --cell mgu, expected --cell lstm, --cell gru, --cell gru-reset-before or "
        + "--cell elman", "of other cells"),
    Case(
      "train digits --cell elman --gate-activation relu",
      "--gate-activation: found with --cell elman, expected --cell lstm, --cell gru or "
        + "--cell gru-reset-before", "of other cells"),
    Case(
      "train digits --cell indrnn --candidate-activation relu",
      "--candidate-activation: found with --cell indrnn, expected --cell lstm, --cell gru or "
        + "--cell gru-reset-before", "of other cells"),
    Case(
      "train digits --cell gru --cell-activation relu",
      "--cell-activation: found with --cell gru, expected --cell lstm", "a gru has no cell state"),
    Case(
      "train digits --cell gru --gate-activation swish",
      "The value 'swish' is invalid for '--gate-activation <name>': expected tanh, sigmoid, relu, affine(α;β), "
        + "leakyRelu(α), thresholdedRelu(α), scaledTanh(α;β), hardSigmoid(α;β), elu(α), softsign or softplus",
      "there is none such"),
    Case(
      "train digits --from x --candidate-activation relu",
      "--candidate-activation: found with --from, which determines the network; expected one of the two",
      "the model says that"),
    Case(
      "train digits --cell elman --activation swish",
      "The value 'swish' is invalid for '--activation <name>': expected tanh, sigmoid, relu, affine(α;β), "
        + "leakyRelu(α), thresholdedRelu(α), scaledTanh(α;β), hardSigmoid(α;β), elu(α), softsign or softplus",
      "there is none such"),
    Case("train digits --projection 20", "--projection: found 20, expected less than the 20 hidden units", "as wide"),
    Case(
      "train digits --cell indrnn --weight-drop 0.1",
      "--weight-drop: found with --cell indrnn, which has no recurrent matrix", "nothing to drop"),
    Case(
      "train digits --initializer-scale 2",
      "--initializer-scale: found without --initializer, expected --initializer uniform, normal or identity",
      "unused"),
    Case(
      "train digits --initializer chrono --forget-bias 1",
      "--forget-bias: found with --initializer chrono, which sets this bias; expected one of the two",
      "set by another rule"),
    Case(
      "train digits --schedule-factor 0.5",
      "--schedule-factor: found without --schedule, expected --schedule step, exponential or plateau", "unused"),
    Case(
      "train digits --schedule cosine --schedule-every 2",
      "--schedule-every: found with --schedule cosine, expected --schedule step or plateau", "unused"),
    Case(
      "train digits --schedule step --warm-up 2", "--warm-up: found with --schedule step, expected --schedule cosine",
      "unused"),
    Case(
      "train digits --schedule step --schedule-factor 1",
      "The value '1' is invalid for '--schedule-factor <x>': expected a number between 0 and 1", "nothing would fall"),
    Case(
      "train digits --clip-norm 1 --clip-value 1", "--clip-norm and --clip-value: found both, expected at most one",
      "one too many"),
    Case(
      "train digits --from x --bidirectional",
      "--bidirectional: found with --from, which determines the network; expected one of the two",
      "the model says that"),
    Case("train digits --epochs", "Missing value for '--epochs <n>'", "the value is forgotten at the end"),
    Case("train digits --run-dir ''", "The value '' is invalid for '--run-dir <folder>': expected a path", "empty"),
    Case("train mnist --data-dir ''", "The value '' is invalid for '--data-dir <folder>': expected a path", "empty"),
    Case("inspect ''", "The value '' is invalid for '<model>': expected a path", "empty"),
    Case(
      "train digits --hidden-size 100000",
      "--hidden-size and --layers: found 100000 and 3, a network of 2.00012e+11 parameters, expected at most 1e+09",
      "would end for want of memory"),
    Case(
      "train digits --from x --initializer keras",
      "--initializer: found with --from, which determines the network; expected one of the two",
      "one of them would be ignored"),
    Case(
      "train digits --train-count 10 --drop-last",
      "--drop-last: found 10 training images for batches of 100, which leaves no batch; "
        + "expected a --batch-size of at most 10",
      "would train on nothing"),
    Case(
      "train digits --permute -1",
      "The value '-1' is invalid for '--permute <seed>': expected a whole number from 0 to 18446744073709551615",
      "negative"),
    Case(
      "train mnist --no-pixels --permute 1", "--no-pixels and --permute: found both, expected at most one",
      "they contradict each other"),
    Case(
      "train digits --sweep seed",
      "The value 'seed' is invalid for '--sweep <option=values>': expected the name of an option and its values, such "
        + "as seed=0,1,2", "no values"),
    Case(
      "train digits --sweep seed=1,,2",
      "The value 'seed=1,,2' is invalid for '--sweep <option=values>': expected the name of an option and its values, "
        + "such as seed=0,1,2", "an empty value"),
    Case(
      "train digits --sweep cel=lstm",
      "--sweep: found 'cel', expected the name of an option that affects the result; did you mean 'cell'?",
      "misspelt"),
    Case(
      "train digits --sweep threads=1,2",
      "--sweep: found 'threads', expected the name of an option that affects the result", "changes nothing"),
    Case(
      "train mnist --sweep data-dir=a,b",
      "--sweep: found 'data-dir', expected the name of an option that affects the result",
      "figures on different images are no table"),
    Case(
      "train digits --sweep seed=0,1 --sweep seed=1",
      "--sweep: found a value of 'seed' twice, expected each value once", "a seed that would count twice"),
    Case(
      "train digits --sweep seed=0,1 --sweep epochs=1,x",
      "--sweep epochs=x seed=0: The value 'x' is invalid for '--epochs <n>': \(count)",
      "known before anything is run"),
    Case(
      "train digits --sweep shuffle=true,no", "--sweep shuffle: found 'no', expected true or false", "a flag"),
    Case(
      "train digits --pixels --sweep permute=1,2 --sweep pixels=true,false",
      "--sweep permute=1 pixels=false: --no-pixels and --permute: found both, expected at most one",
      "a combination that cannot be"),
    Case("train --epohcs 3", "Unknown option '--epohcs'. Did you mean '--epochs'?", "misspelt"),
    Case("train digits --no-shufle", "Unknown option '--no-shufle'. Did you mean '--no-shuffle'?", "misspelt"),
    Case("train digits --data-dir x", "Unknown option '--data-dir'", "an option of train mnist alone"),
    Case("--verbose", "Unknown option '--verbose'", "there is none like it"),
    Case(
      "trian",
      "found the subcommand 'trian', expected train, resume, evaluate, predict, sample, inspect, convert, compare, report, "
        + "benchmark or data; "
        + "did you mean 'train'?",
      "misspelt"),
    Case(
      "shakespeare",
      "found the subcommand 'shakespeare', expected train, resume, evaluate, predict, sample, inspect, convert, compare, report, "
        + "benchmark or data",
      "there is none like it"),
    Case(
      "train mnits",
      "train: found the subcommand 'mnits', expected mnist, digits, text, series or task; did you mean 'mnist'?",
      "misspelt"),
    Case("data mnits", "data: found the subcommand 'mnits', expected mnist; did you mean 'mnist'?", "misspelt"),
    Case("train digits mnist", "Unexpected argument 'mnist'", "two tasks"),
    Case("compare", "Missing expected argument '<run> ...'", "nothing to compare"),
    Case("compare a --measure loss", "--measure: found without --svg, expected both", "nothing to draw it on"),
    Case("compare a --descending", "--descending: found without --sort, expected both", "sorted by nothing"),
    Case(
      "compare a --svg b --measure speed",
      "The value 'speed' is invalid for '--measure <name>'. Please provide one of 'loss' and 'accuracy'.",
      "not one of the list"),
    Case("report", "Missing expected argument '<run>'", "nothing to report"),
    Case("report a b", "Unexpected argument 'b'", "one run too many"),
    Case("evaluate", "Missing expected argument '<model>'", "nothing to evaluate"),
    Case("inspect a b", "Unexpected argument 'b'", "one model too many"),
    Case(
      "evaluate a --digits --data-dir b", "--digits and --data-dir: found both, expected at most one",
      "they contradict each other"),
    Case(
      "predict a --images b --digits", "--images: found with --digits, expected one of them",
      "they contradict each other"),
    Case(
      "predict a --images b --data-dir c", "--images: found with --data-dir, expected one of them",
      "they contradict each other"),
    Case("predict a --index -1", "--index: found -1, expected whole numbers of at least 0", "negative"),
    Case("predict a --index 0 -1", "--index: found -1, expected whole numbers of at least 0", "negative among others"),
    Case(
      "predict a --index=-1", "The value '-1' is invalid for '--index <n>': expected whole numbers of at least 0", "="),
    Case(
      "predict a --index x", "The value 'x' is invalid for '--index <n>': expected whole numbers of at least 0",
      "a word"),
    Case(
      "benchmark --repetitions 0",
      "The value '0' is invalid for '--repetitions <n>': expected a whole number from 1 to 1000000", "nothing to time"),
    Case(
      "benchmark --repetitions 9223372036854775807",
      "The value '9223372036854775807' is invalid for '--repetitions <n>': expected a whole number from 1 to 1000000",
      "more times than can be kept"),
    Case(
      "train digits --sweep seed=0,00,1",
      "--sweep: found seed=0 and seed=00, which are the same run; expected each value once",
      "one run written in two ways"),
    Case(
      "train digits --sweep learning-rate=0.01,1e-2",
      "--sweep: found learning-rate=0.01 and learning-rate=1e-2, which are the same run; expected each value once",
      "a number"),
    Case(
      "train digits --sweep seed=1,2 --sweep hidden-size=20,020",
      "--sweep: found hidden-size=20 and hidden-size=020, which are the same run; expected each value once",
      "among others"),
    Case(
      "train digits --cell elman --sweep activation=elu(0.5),elu(.5)",
      "--sweep: found activation=elu(0.5) and activation=elu(.5), which are the same run; expected each value once",
      "a function"),
    Case(
      "train digits --sweep forget-bias=0,-0",
      "--sweep: found forget-bias=0 and forget-bias=-0, which are the same run; expected each value once", "zeros"),
    Case(
      "train digits --sweep from=a,a/",
      "--sweep: found from=a and from=a/, which are the same run; expected each value once",
      "a path"),
    Case(
      "train digits --sweep shuffle=true,true", "--sweep: found a value of 'shuffle' twice, expected each value once",
      "a flag"),
    Case(
      "train digits --input-clip 1 --preactivation-clip=2",
      "found --input-clip and --preactivation-clip, the old and the present name of one option; expected "
        + "--preactivation-clip alone", "one option with two values"),
    Case(
      "train digits --coupled-gates --no-coupled-input-forget",
      "found --coupled-gates and --coupled-input-forget, the old and the present name of one option; expected "
        + "--coupled-input-forget alone", "a flag and its negation"),
    Case(
      "train digits --sweep input-clip=1 --sweep preactivation-clip=2",
      "--sweep: found input-clip and preactivation-clip, the old and the present name of one option; expected "
        + "preactivation-clip alone", "one axis with two names"),
    Case("train digits --hidden 3", "Unknown option '--hidden'. Did you mean '--hidden-size'?", "the beginning of one"),
    Case(
      "train mnist --clip 3", "Unknown option '--clip'. Did you mean '--clip-norm' or '--clip-value'?",
      "the beginning of two"),
    Case("evaluate m --dig", "Unknown option '--dig'. Did you mean '--digits'?", "of another command"),
    Case(
      "help preditc",
      "found the subcommand 'preditc', expected train, resume, evaluate, predict, sample, inspect, convert, compare, report, "
        + "benchmark or data; "
        + "did you mean 'predict'?", "help for nothing"),
    Case(
      "help train mnits",
      "train: found the subcommand 'mnits', expected mnist, digits, text, series or task; did you mean 'mnist'?",
      "help for nothing"),
  ])
  func refuses(_ example: Case) throws {
    let tool = try Tool()
    let result = try tool.run(example.arguments)
    #expect(result.status == 64)
    #expect(result.errors == "recurrent: \(example.line)\n")
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [])
  }

  @Test func countsTheStepsBetweenWords() {
    #expect(ArgumentCheck.distance("train", "train") == 0)
    #expect(ArgumentCheck.distance("train", "trian") == 1)
    #expect(ArgumentCheck.distance("train", "rain") == 1)
    #expect(ArgumentCheck.distance("train", "trains") == 1)
    #expect(ArgumentCheck.distance("train", "brain") == 1)
    #expect(ArgumentCheck.distance("", "abc") == 3)
    #expect(ArgumentCheck.distance("kitten", "sitting") == 3)
  }
}
