/** Who one is before one says so: "Anonymous " and one of these. */
export const ANIMALS: readonly string[] = `
Albatross Alpaca Anaconda Anemone Armadillo Axolotl Baboon Badger Barnacle Beaver Bison Bluebird Bonobo Bullfrog Bumblebee
Butterfly Camel Capybara Cardinal Caribou Catfish Chameleon Cheetah Chinchilla Chipmunk Cormorant Coyote Crab Crane Cuckoo
Dingo Dolphin Dormouse Dragonfly Duck Eagle Echidna Eel Elephant Emu Falcon Ferret Finch Firefly Flamingo Fox Gazelle
Gecko Gerbil Gibbon Giraffe Goldfish Goose Grasshopper Grouse Hamster Hare Hedgehog Heron Hippo Hornbill Ibex Iguana
Impala Jackal Jaguar Jellyfish Kangaroo Kingfisher Kiwi Koala Ladybird Lemur Leopard Lizard Llama Lobster Lynx Magpie
Manatee Marmot Meerkat Mongoose Moose Narwhal Newt Nightingale Ocelot Octopus Okapi Opossum Osprey Otter Owl Panda Pelican
Penguin Platypus Porcupine Puffin Quail Quokka Raccoon Raven Salamander Seahorse Sloth Starling Stork Tapir Toucan Turtle
Wallaby Wombat
`
  .trim()
  .split(/\s+/);

/** @param random from 0 up to, not including, 1 */
export const anonymousName = (random: () => number): string =>
  `Anonymous ${ANIMALS[Math.floor(random() * ANIMALS.length)] ?? 'Otter'}`;
