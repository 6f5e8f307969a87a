output "deck_url" {
  value = "${module.front_door.scheme}://${local.name}"
}

output "gate_url" {
  value = "${module.front_door.scheme}://${local.name}:8084"
}

output "load_balancer_dns_name" {
  description = "For a record of public_name"
  value       = module.front_door.dns_name
}

output "internal_dns_name" {
  description = "Where the services find each other (DEFAULT_DNS_NAME)"
  value       = aws_lb.internal.dns_name
}

output "auto_scaling_groups" {
  value = [for g in module.nodes : g.name]
}

output "node_role" {
  description = "For what pipelines need on top"
  value       = module.role.role_name
}

output "internal_security_group_id" {
  value = aws_security_group.internal.id
}

output "redis_endpoint" {
  description = "The primary's address; its password is in the Parameter Store alone"
  value       = aws_elasticache_replication_group.redis.primary_endpoint_address
}
