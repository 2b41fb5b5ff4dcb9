import ArgumentParser

/// The options that all kinds of training have.
struct TrainOptions: ParsableArguments {
  @OptionGroup(title: "Data") var reading: ReadingOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Run") var output: RunOptions
}
