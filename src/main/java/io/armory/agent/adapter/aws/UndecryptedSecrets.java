package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.ssm.model.Parameter;
import software.amazon.awssdk.services.ssm.model.ParameterMetadata;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/// Finds which secrets of a path KMS does not decrypt: the refusal of a page names none. They are
/// read key by key, with the permission that reading a path needs anyway.
///
/// @param whole why the path as a whole could not be read
record UndecryptedSecrets(SsmPages pages, String path, Failure whole) {
  /// Where nobody says which key a secret has.
  private static final String ANY = "";

  /// @param known by name
  /// @param unread name → why
  record Read(Map<String, Parameter> known, Map<String, String> unread) {}

  /// Fails as the whole did where it was not for a secret.
  Outcome<Read> read() {
    var known = new TreeMap<String, Parameter>();
    var secrets = new TreeMap<String, Parameter>();
    var plain =
        pages.undecrypted(
            path,
            p -> (p.type() == ParameterType.SECURE_STRING ? secrets : known).put(p.name(), p));
    if (plain instanceof Outcome.Failed<Integer> || secrets.isEmpty()) {
      return Outcome.failed(whole);
    }
    var unread = new TreeMap<String, String>();
    byKey(secrets)
        .forEach((key, names) -> {
          var read =
              key.equals(ANY)
                  ? Outcome.<Integer>failed(whole)
                  : pages.valuesOf(path, key, p -> known.put(p.name(), p));
          read.whyFailed().ifPresent(why -> names.forEach(n -> unread.put(n, why.message())));
        });
    unread.keySet().removeAll(known.keySet());
    return Outcome.done(new Read(known, unread));
  }

  private Map<String, List<String>> byKey(Map<String, Parameter> secrets) {
    var keys = new LinkedHashMap<String, String>();
    if (pages.descriptions(List.of(path))
        instanceof Outcome.Done<List<ParameterMetadata>>(var all)) {
      all.forEach(p -> keys.put(p.name(), p.keyId() == null ? ANY : p.keyId()));
    }
    var byKey = new TreeMap<String, List<String>>();
    secrets
        .keySet()
        .forEach(name ->
            byKey.computeIfAbsent(keys.getOrDefault(name, ANY), k -> new ArrayList<>()).add(name));
    return byKey;
  }
}
