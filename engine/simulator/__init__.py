"""A Discord with a Midjourney bot that speaks the real wire on loopback: REST, gateway, CDN, faults, ledger."""

from engine.simulator.options import SimulatorOptions, Timing
from engine.simulator.simulator import Simulator

__all__ = ["Simulator", "SimulatorOptions", "Timing"]
