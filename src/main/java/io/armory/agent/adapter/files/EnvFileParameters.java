package io.armory.agent.adapter.files;

import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Parameters.Value;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.ParameterSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The site's variables: `default.env`, then `STACK.env` over it. Either may be missing. Each file
/// is read by itself, so that a missing last newline joins no two lines.
///
/// A variable whose name says it is one ([Parameters#SECRET_NAME]) is a secret, as a `SecureString`
/// is.
public record EnvFileParameters(Path directory) implements ParameterSource {

  @Override
  public String name() {
    return "env files in " + directory;
  }

  @Override
  public Outcome<Parameters> read(NodeIdentity identity) {
    var problems = new ArrayList<Problem>();
    var variables = new LinkedHashMap<String, Parameter>();
    var known = new LinkedHashMap<String, String>();
    try {
      for (var file : files(identity.stack().value())) {
        for (var entry :
            NodeEnvFile.parse(file.toString(), text(file, problems), known, problems)) {
          known.put(entry.name(), entry.value());
          variables.put(
              entry.name(), new Parameter(entry.name(), value(entry), file + ":" + entry.line()));
        }
      }
    } catch (IOException e) {
      return Outcome.failed(DiskFailure.of("cannot read the env files", e));
    }
    return problems.isEmpty()
        ? Outcome.done(new Parameters(variables, Map.of(), Map.of()))
        : Outcome.failed(
            Failure.Kind.INVALID,
            problems.stream().map(Problem::line).collect(Collectors.joining("\n")));
  }

  private List<Path> files(String stack) {
    var all = new ArrayList<Path>();
    all.add(directory.resolve("default.env"));
    // A stack's name comes from a tag: it must not lead out of the directory.
    if (!stack.equals("default") && !stack.contains("/") && !stack.startsWith(".")) {
      all.add(directory.resolve(stack + ".env"));
    }
    return all;
  }

  /// @param problems gets one per line that is no text
  private static String text(Path file, List<Problem> problems) throws IOException {
    try {
      var bytes = RegularFile.read(file, RegularFile.MIB);
      // Byte for byte, as no part of a longer character is a line's end.
      var line = 1;
      var begin = isUtf8(ByteBuffer.wrap(bytes)) ? bytes.length : 0;
      for (; begin < bytes.length && problems.size() < Problem.MOST; line++) {
        var end = begin;
        while (end < bytes.length && bytes[end] != '\n') {
          end++;
        }
        if (!isUtf8(ByteBuffer.wrap(bytes, begin, end - begin))) {
          problems.add(
              new Problem(file + ":" + line, "is not UTF-8 text", "save the file as UTF-8"));
        }
        begin = end + 1;
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      if (Absence.isCertain(file)) {
        return "";
      }
      throw Absence.noFile(file);
    }
  }

  private static boolean isUtf8(ByteBuffer bytes) {
    try {
      var _ = StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static Value value(NodeEnvFile.Entry entry) {
    return Parameters.SECRET_NAME.matcher(entry.name()).matches()
        ? new Hidden(new Secret(entry.value()))
        : new Plain(entry.value());
  }
}
