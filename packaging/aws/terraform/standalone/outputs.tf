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

output "auto_scaling_group" {
  value = module.nodes.name
}

output "node_role" {
  description = "For what pipelines need on top"
  value       = module.role.role_name
}

output "internal_security_group_id" {
  value = aws_security_group.internal.id
}
