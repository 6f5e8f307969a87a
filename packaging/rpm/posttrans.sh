# At the very end: the caches fit one runtime and one set of jars, and at an upgrade the old jars are
# there until now. No two recordings are equal, so they are made here and not by the build.
if [ -n "$ARMORY_AGENT_NO_AOT" ]; then
  rm -f /usr/lib/armory-agent/daemon.aot /usr/lib/armory-agent/client.aot /usr/lib/armory-agent/files.aot
else
  /usr/lib/armory-agent/bin/armory-agent-aot >/dev/null 2>&1 ||
    echo "armory-agent: no start cache could be recorded; the agent works, and starts slower" >&2
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload >/dev/null 2>&1 || :
  if systemctl is-enabled -q armory-agent.service; then
    systemctl restart armory-agent.service >/dev/null 2>&1 || :
  fi
fi
exit 0
