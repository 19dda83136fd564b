/** recipe: a segment as somebody builds it by hand in Braze's dashboard, as data and in words. */
export { brazeRecipe } from './recipe.ts'
export type { BrazeRecipe } from './recipe.ts'
export { recipeFilters } from './recipe-node.ts'
export type { RecipeFilter, RecipeFilterKind, RecipeNode } from './recipe-node.ts'
