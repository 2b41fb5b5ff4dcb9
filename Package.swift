// swift-tools-version: 6.2
import PackageDescription

// With this variable set, as in .ci/run, every warning is an error, and one build for release serves tests, which want to
// see internal declarations, and all else.
let isStrict = Context.environment["RECURRENT_STRICT"] != nil
let strictSettings: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .unsafeFlags(["-enable-testing"], .when(configuration: .release)),
]

// Settings every Swift target shares: nothing here changes what a dependent package has to set.
let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isStrict ? strictSettings : [])

// Unsafe constructs are confined to the kernels and to the engine that drives them;
// everywhere else each one has to be spelled `unsafe`.
let memorySafeSettings: [SwiftSetting] = swiftSettings + [.strictMemorySafety()]

// Loops over numbers are thirty times slower without optimization, and `swift test` runs debug builds.
let numericSettings: [SwiftSetting] = [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

// Where optimizing takes longer than it saves, the compiler would also check a module twice, once for its interface alone.
let withoutOptimization: SwiftSetting = .unsafeFlags(
  ["-Onone", "-no-emit-module-separately-wmo"], .when(configuration: .release))

// Tests spend their time in the code they test and in TestSupport.
let lightTestSettings: [SwiftSetting] = swiftSettings + [withoutOptimization]

// Without loops over numbers of their own.
let lightSettings: [SwiftSetting] = memorySafeSettings + [withoutOptimization]

let package = Package(
  name: "swift-recurrent",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Recurrent", targets: ["Recurrent"]),
    .library(name: "RecurrentData", targets: ["RecurrentData"]),
    .library(name: "RecurrentCharts", targets: ["RecurrentCharts"]),
    .executable(name: "recurrent", targets: ["RecurrentTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .target(
      name: "RecurrentKernels",
      exclude: ["naive", "template"],
      cSettings: [
        // `swift test` runs debug builds; unoptimized vector code is thirty times slower.
        .unsafeFlags(["-O2"], .when(configuration: .debug))
      ] + (isStrict ? [.treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra")] : []),
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]
    ),
    .target(name: "RecurrentSupport", swiftSettings: memorySafeSettings),
    .target(
      name: "Recurrent", dependencies: ["RecurrentKernels", "RecurrentSupport"],
      swiftSettings: swiftSettings + numericSettings),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "RecurrentData", dependencies: ["Recurrent", "RecurrentSupport", "CZlib"],
      swiftSettings: memorySafeSettings + numericSettings),
    .target(name: "RecurrentCharts", dependencies: ["RecurrentSupport"], swiftSettings: lightSettings),
    // What benchmarks time: apart from the command, since it has to be optimized.
    .target(
      name: "RecurrentWorkloads", dependencies: ["Recurrent", "RecurrentSupport"], swiftSettings: swiftSettings),
    .target(
      name: "RecurrentCommand",
      dependencies: [
        "RecurrentWorkloads", "Recurrent", "RecurrentData", "RecurrentCharts", "RecurrentSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: lightSettings
    ),
    .executableTarget(name: "RecurrentTool", dependencies: ["RecurrentCommand"], swiftSettings: memorySafeSettings),
    .target(
      name: "TestSupport", dependencies: ["Recurrent"], path: "Tests/TestSupport",
      swiftSettings: swiftSettings + numericSettings),
    .testTarget(
      name: "RecurrentKernelsTests", dependencies: ["RecurrentKernels"], swiftSettings: swiftSettings),
    .testTarget(name: "RecurrentSupportTests", dependencies: ["RecurrentSupport"], swiftSettings: lightTestSettings),
    .target(name: "WatchedCalls", path: "Tests/WatchedCalls"),
    .testTarget(
      name: "RecurrentTests",
      dependencies: ["WatchedCalls", "RecurrentKernels", "Recurrent", "RecurrentSupport", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: lightTestSettings + numericSettings),
    .testTarget(
      name: "RecurrentDataTests",
      dependencies: ["RecurrentData", "Recurrent", "RecurrentSupport", "CZlib", "TestSupport"],
      swiftSettings: lightTestSettings),
    .testTarget(
      name: "RecurrentChartsTests", dependencies: ["RecurrentCharts", "TestSupport"], swiftSettings: lightTestSettings),
    // The tests run the tool, which every build of tests makes: named here, they would be compiled only after it is linked,
    // which comes last.
    .testTarget(
      name: "RecurrentCommandTests",
      dependencies: [
        "RecurrentCommand", "RecurrentWorkloads", "Recurrent", "RecurrentData", "RecurrentCharts",
        "RecurrentSupport", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Snapshots"],
      swiftSettings: lightTestSettings),
  ],
  swiftLanguageModes: [.v6]
)
