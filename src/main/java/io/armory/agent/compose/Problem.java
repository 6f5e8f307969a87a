package io.armory.agent.compose;

/// One thing wrong with a Compose project.
///
/// @param line 1 is the first; 0: the file as a whole
/// @param column 1 is the first
/// @param path where in the model: `services.gate.build`; empty: the model as a whole
/// @param message what is wrong; holds no value of a variable or secret
/// @param advice what to do about it
public record Problem(
    String file, int line, int column, String path, String message, String advice) {

  /// `FILE:LINE:COLUMN: PATH: what is wrong; what to do`.
  public String text() {
    StringBuilder text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line).append(':').append(column);
    }
    text.append(": ");
    if (!path.isEmpty()) {
      text.append(path).append(": ");
    }
    text.append(message);
    if (!advice.isEmpty()) {
      text.append("; ").append(advice);
    }
    return text.toString();
  }
}
