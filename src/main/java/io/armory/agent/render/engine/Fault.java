package io.armory.agent.render.engine;

/// What an engine refuses of a setting.
///
/// @param section `services`, `networks` or `volumes`
/// @param key of the thing
/// @param attribute of it, such as `cap_add` or `healthcheck.interval`
/// @param written a pattern of the keys that it may be written under
/// @param token in its line; may be empty
/// @param isCertain every engine refuses it; if not, another one may take it
public record Fault(
    String section,
    String key,
    String attribute,
    String written,
    String token,
    String what,
    String todo,
    boolean isCertain) {
  public String path() {
    return section + "." + key + "." + attribute;
  }
}
