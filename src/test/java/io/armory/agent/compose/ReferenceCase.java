package io.armory.agent.compose;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One small project with the reference's answers, see `compose/README.md` among the resources.
///
/// @param files sections by name; names without `case.` or `expected.` are files of the project
record ReferenceCase(String name, Map<String, String> files) {
  private static final String HOME = "/root";
  private static final String PARENT = "/cases";
  private static final String NO_NEWLINE = " (no newline at end)";
  private static final String ENVIRONMENT = "SET=val\nEMPTY=\nNUM=3\nT=yes\nIMG=bb\nA_B=ab\n";

  static ReferenceCase parse(String name, String text) {
    Map<String, String> files = new LinkedHashMap<>();
    String section = "";
    StringBuilder content = new StringBuilder();
    for (String line : text.split("(?<=\n)", -1)) {
      if (line.startsWith("-- ") && line.stripTrailing().endsWith(" --")) {
        put(files, section, content);
        section = line.stripTrailing().substring(3, line.stripTrailing().length() - 3);
        content.setLength(0);
      } else {
        content.append(line);
      }
    }
    put(files, section, content);
    return new ReferenceCase(name, files);
  }

  /// The cases of a file that holds many, each after a line `=== NAME ===`.
  static List<ReferenceCase> parseAll(String text) {
    List<ReferenceCase> cases = new ArrayList<>();
    for (String part : text.split("(?m)^(?==== .* ===$)", -1)) {
      if (part.startsWith("=== ")) {
        int end = part.indexOf('\n');
        String name = part.substring(4, end - 4);
        cases.add(parse(name, part.substring(end + 1)));
      }
    }
    return cases;
  }

  private static void put(Map<String, String> files, String section, StringBuilder content) {
    if (section.endsWith(NO_NEWLINE)) {
      String bare = section.substring(0, section.length() - NO_NEWLINE.length());
      files.put(bare, content.substring(0, content.length() - 1));
    } else if (!section.isEmpty()) {
      files.put(section, content.toString());
    }
  }

  String directory() {
    return PARENT + "/" + name;
  }

  @Nullable String expected(String kind) {
    return files.get("expected." + kind);
  }

  MemoryFiles sources() {
    MemoryFiles memory = new MemoryFiles();
    files.forEach((file, text) -> {
      if (!file.startsWith("case.") && !file.startsWith("expected.")) {
        memory.put(directory() + "/" + file, text);
      }
    });
    return memory;
  }

  ComposeRequest request() {
    String[] args = files.getOrDefault("case.args", "-f compose.yaml").strip().split("\\s+", -1);
    List<String> composeFiles = new ArrayList<>();
    List<String> profiles = new ArrayList<>();
    List<String> envFiles = new ArrayList<>();
    ComposeRequest request = ComposeRequest.of(directory(), List.of());
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "-f" -> composeFiles.add(args[i + 1]);
        case "--profile" -> profiles.add(args[i + 1]);
        case "--env-file" -> envFiles.add(args[i + 1]);
        case "-p" -> request = request.withProjectName(args[i + 1]);
        case "--project-directory" -> request = request.withProjectDirectory(args[i + 1]);
        default -> throw new IllegalArgumentException(name + ": " + args[i]);
      }
    }
    Map<String, String> environment = new LinkedHashMap<>();
    files
        .getOrDefault("case.env", ENVIRONMENT)
        .lines()
        .filter(line -> line.contains("="))
        .forEach(line -> {
          int cut = line.indexOf('=');
          environment.put(line.substring(0, cut), line.substring(cut + 1));
        });
    request = request.withFiles(composeFiles).withEnvFiles(envFiles);
    request = profiles.isEmpty() ? request : request.withProfiles(profiles);
    return request.withEnvironment(environment).withHome(HOME);
  }

  /// The reference's text with the places of this test.
  String placed(String text) {
    return text.replace("@DIR@", directory()).replace("@PARENT@", PARENT).replace("@HOME@", HOME);
  }
}
